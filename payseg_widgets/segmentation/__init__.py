"""Group customers by how they pay, and say how firm the groups are."""
