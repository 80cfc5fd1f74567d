import pytest

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.mappings import read_mapping


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"invoice": {"amount": "x"}}, "Did you mean 'invoices'"),
        ({"ammount": "x"}, "Did you mean 'amount'"),
        ({"invoices": {"amount": 3}}, "is 3"),
        ({"invoices": "Amount", "payments": {}}, "'Amount'"),
        ("amount", "not a dictionary"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_an_error(mapping, message):
    with pytest.raises(LedgerError, match=message):
        read_mapping(mapping)
