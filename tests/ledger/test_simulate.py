from payseg_widgets.ledger.simulate import simulate_ledger


def test_a_simulation_unpacks_into_its_ledger_and_its_truth():
    simulated = simulate_ledger(20)
    ledger, truth = simulated
    assert ledger is simulated.ledger
    assert truth.invoices["invoice_id"].tolist() == ledger.invoices["invoice_id"].tolist()
    assert truth.customers["customer_id"].tolist() == ledger.customers["customer_id"].tolist()
