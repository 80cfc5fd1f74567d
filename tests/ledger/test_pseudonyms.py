import hashlib
import hmac
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger import pseudonyms
from payseg_widgets.ledger.findings import quoted
from payseg_widgets.ledger.pseudonyms import outward, scrubber
from payseg_widgets.ledger.schema import QUALITY_COLUMNS, REJECTED_COLUMNS
from payseg_widgets.ledger.simulate import simulate_ledger

KEY = "a key of more than sixteen bytes"


@pytest.fixture(scope="module")
def ledger():
    simulated = simulate_ledger(40, world="realistic", seed=3).ledger
    name = simulated.customers["name"].dropna().iloc[0]
    rejected = pd.DataFrame(
        [
            (
                "invoices",
                7,
                f"the date of {name} cannot be read: 'Secret Ltd 31/02'",
                "Invoice Date",
                "Secret Ltd",
                5,
            )
        ],
        columns=list(REJECTED_COLUMNS),
    )
    finding = f"12 rows of C00002 ({name}) name the invoice 'INV-000001', and INV-000002."
    quality = pd.DataFrame(
        [("invoices", "Invoice No", finding, 12, 100)],
        columns=["table", "column", "finding", "n_rows", "amount_minor"],
    )
    return replace(
        simulated,
        rejected=rejected,
        quality=quality,
        invoices=simulated.invoices.assign(contact="Jane Doe", phone=7700900123),
        customers=simulated.customers.assign(owner="Jane Doe"),
        provenance={
            **simulated.provenance,
            "path": "/home/jane/acme export.csv",
            "of": [name],
            "sha256": "0f" * 32,
        },
    )


@pytest.fixture(scope="module")
def hidden(ledger):
    return ledger.pseudonymised(key=KEY)


def test_no_id_name_address_or_key_survives_in_the_pickle(ledger, hidden):
    data = pickle.dumps(hidden)
    customers = ledger.customers
    secrets = [
        KEY, "Jane Doe", "Secret Ltd", "7700900123", "/home/jane", "INV-000001", "INV-000002",
        *customers["customer_id"], *customers["name"].dropna(), *customers["address"],
        *customers["company_number"].dropna(), *customers["postcode"],
    ]  # fmt: skip
    assert not [text for text in secrets if text.encode() in data]
    assert KEY not in repr(hidden) + repr(vars(hidden))
    assert hidden.is_pseudonymised


def test_money_and_counts_of_every_customer_agree(ledger, hidden):
    for table in ("invoices", "payments", "credit_notes"):
        before, after = (
            getattr(x, table).groupby("customer_id", observed=True)["amount_minor"].agg(["sum", "size"])
            for x in (ledger, hidden)
        )  # fmt: skip
        of = dict(zip(ledger.customers["customer_id"], of_customers(ledger), strict=True))
        before.index = pd.Index(before.index.astype("str").map(of))
        pd.testing.assert_frame_equal(
            before.sort_index(), after.set_axis(after.index.astype("str")), check_names=False
        )


def of_customers(ledger, key=KEY):
    return pseudonyms._pseudonyms(ledger.customers["customer_id"], "C", key.encode())


def test_payments_still_point_to_their_invoice(ledger, hidden):
    def pairs(x):
        named = x.payments[x.payments["invoice_row"] >= 0]
        invoices = x.invoices.iloc[named["invoice_row"]]
        assert (
            invoices["customer_id"].astype("str").to_numpy() == named["customer_id"].astype("str").to_numpy()
        ).all()
        return sorted(
            zip(
                named["paid_on"],
                named["amount_minor"],
                invoices["issued_on"],
                invoices["amount_minor"],
                strict=True,
            )
        )

    assert pairs(ledger) == pairs(hidden)


def test_rows_are_sorted_as_promised(hidden):
    invoices = hidden.invoices.assign(code=hidden.invoices["customer_id"].cat.codes)
    assert invoices.sort_values(["code", "issued_on", "invoice_id"]).index.equals(invoices.index)
    payments = hidden.payments.assign(code=hidden.payments["customer_id"].cat.codes)
    keys = payments[["code", "paid_on", "invoice_row"]]
    assert keys.sort_values(list(keys)).reset_index(drop=True).equals(keys)


def test_the_same_key_joins_two_ledgers_and_another_key_does_not():
    early, late = simulate_ledger(20, seed=1).ledger, simulate_ledger(30, seed=2).ledger
    one, two = (x.pseudonymised(key=KEY).customers["customer_id"] for x in (early, late))
    assert set(one) < set(two)
    other = early.pseudonymised(key=KEY.encode() + b"!").customers["customer_id"]
    assert not set(one) & set(other)


def test_a_customer_and_an_invoice_of_the_same_id_have_unlike_pseudonyms():
    text = pd.Series(["1"])
    customer, invoice = (pseudonyms._pseudonyms(text, letter, KEY.encode())[0] for letter in "CI")
    assert customer[2:] != invoice[2 : len(customer)]


def test_a_pseudonym_is_the_truncated_hmac_of_the_standard():
    # RFC 4231, test case 2
    assert (
        hmac.new(b"Jefe", b"what do ya want for nothing?", hashlib.sha256).hexdigest()[:16]
        == "5bdcc146bf60754e"
    )
    digest = hmac.new(KEY.encode(), b"C\0C00001", hashlib.sha256).digest()
    expected = "C-" + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32] for byte in digest[:12])
    assert pseudonyms._pseudonyms(pd.Series(["C00001"]), "C", KEY.encode())[0] == expected


@pytest.mark.parametrize("key", ["", b"", "swordfish", "fifteen bytes.."])
def test_a_short_key_is_refused_without_being_shown(ledger, key):
    with pytest.raises(LedgerError, match=r"can be guessed\. Give at least 16") as error:
        ledger.pseudonymised(key=key)
    assert not key or str(key) not in str(error.value)


def test_two_ids_on_one_pseudonym_are_an_error(ledger, monkeypatch):
    monkeypatch.setattr(pseudonyms, "_LENGTHS", {"C": 1, "I": 1, "N": 1})
    with pytest.raises(LedgerError, match="give another key"):
        ledger.pseudonymised(key=KEY)


def test_texts_keep_their_sense_but_name_nobody(hidden):
    assert hidden.quality["finding"].iloc[0].startswith("12 rows of […] […] name the invoice […], and […]")
    assert hidden.rejected["reason"].iloc[0].startswith("the date of […] cannot be read: […]")
    assert hidden.rejected["value"].isna().all()
    assert hidden.rejected["amount_minor"].tolist() == [5]
    assert hidden.provenance["sha256"] == "0f" * 32
    assert hidden.provenance["path"] == "[…]"
    assert hidden.provenance["seed"] == 3


def test_only_columns_of_the_schema_stay(hidden):
    assert "contact" not in hidden.invoices
    assert "phone" not in hidden.invoices
    assert set(hidden.customers) == {"customer_id", "name", *pseudonyms.KEPT_FACTS}
    assert hidden.customers["postcode"].str.len().max() <= 4


def test_equal_names_get_equal_pseudonyms_and_missing_ones_stay_missing(ledger):
    shared = ledger.customers.assign(
        name=ledger.customers["name"].mask(ledger.customers.index < 2, "Twin Ltd")
    )
    shared.loc[2, "name"] = np.nan
    names = replace(ledger, customers=shared).pseudonymised(key=KEY).customers["name"]
    assert names.isna().sum() == shared["name"].isna().sum()
    assert names.nunique() == shared["name"].nunique()


def test_a_postcode_is_cut_to_its_district():
    given_codes = pd.Series(["EC1A 1BB", "w1a0ax", " M1 1AE ", "B33 8TH", "12345", "EC1A", None])
    assert outward(given_codes).fillna("-").tolist() == ["EC1A", "W1A", "M1", "B33", "-", "-", "-"]


@given(
    st.lists(
        st.text("abcXYZ1234 -", min_size=4).filter(lambda t: len("".join(t.split())) > 3),
        min_size=1,
        max_size=4,
    )
)
def test_a_known_name_never_survives_between_other_words(names):
    scrub = scrubber([pd.Series(names, dtype="str")])
    for name in names:
        assert f" {name.strip()} " not in f" {scrub(f'payments of {name} were: refused')} "


def test_plain_apostrophes_and_small_numbers_are_left_alone():
    scrub = scrubber([pd.Series(["12", "1234", "Acorn Foods"])])
    assert scrub("the customer's 12 invoices aren't in 1234") == "the customer's 12 invoices aren't in […]"
    assert scrub("from acorn  foods, twice") == "from […] twice"


def test_a_long_quoted_name_with_an_apostrophe_is_blanked_too():
    name = "O'Brien & Daughters Geheim Handelsgesellschaft mit beschränkter Haftung und Co"
    assert "Geheim" not in scrubber([])(f"an id (first: {quoted(name)}) was repaired")


def test_headings_of_the_export_do_not_survive(ledger):
    heading = "Kontakt Maria Geheim"
    quality = pd.DataFrame([["invoices", heading, "Not used.", 1, pd.NA]], columns=list(QUALITY_COLUMNS))
    ledger = replace(ledger, quality=quality, provenance={"columns": {"amount": heading}})
    hidden = ledger.pseudonymised(key="sixteen bytes or more")
    assert heading not in hidden.quality.to_string() + str(hidden.provenance)
