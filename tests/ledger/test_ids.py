import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.ledger.ids import clean_ids, match_ids


def ids(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str", name="Invoice")


def test_ids_stay_text():
    clean, findings = clean_ids(ids("0001", "CCU013", None, ""), column="Invoice")
    assert clean.tolist()[:2] == ["0001", "CCU013"]
    assert clean.isna().tolist() == [False, False, True, True]
    assert findings == ()


def test_float_exports_are_repaired_and_told():
    clean, (finding,) = clean_ids(ids("1930571429.0", "7"), column="Invoice")
    assert clean.tolist() == ["1930571429", "7"]
    assert finding.n_rows == 1
    clean, (finding,) = clean_ids(pd.Series([1930571429.0, None, 1e17]), column="Invoice")
    assert clean.dropna().tolist() == ["1930571429", "100000000000000000"]
    assert finding.n_rows == 2


def test_typed_integers_become_text_without_a_finding():
    for dtype in ("int64", "Int64"):
        clean, findings = clean_ids(pd.Series([2**62 + 1, 5], dtype=dtype), column="Invoice")
        assert clean.tolist() == [str(2**62 + 1), "5"]
        assert findings == ()


def test_blanks_apostrophes_and_marks_around_an_id_go():
    assert clean_ids(ids(" '0001", "\ufeffA  1 ", "A\u00a0B"), column="x")[0].tolist() == [
        "0001",
        "A 1",
        "A B",
    ]


def test_scientific_notation_is_kept_and_told():
    clean, (finding,) = clean_ids(ids("1.93E+09", "1E5"), column="x")
    assert clean.tolist() == ["1.93E+09", "1E5"]
    assert "cannot be restored" in finding.text
    assert finding.n_rows == 1


def test_ids_that_differ_by_zeros_or_case_are_joined_and_counted():
    matched, (finding,) = match_ids(
        pd.Index(["0001", "CCU013", "5"]), ids("1", "ccu013", "5", "1", None, "9")
    )
    assert matched.tolist()[:4] == ["0001", "CCU013", "5", "0001"]
    assert pd.isna(matched.iloc[4])
    assert matched.iloc[5] == "9"
    assert finding.n_rows == 3


def test_ids_that_could_be_several_are_left_alone():
    matched, (finding,) = match_ids(pd.Index(["01", "001"]), ids("1"))
    assert matched.tolist() == ["1"]
    assert "left as they are" in finding.text
    matched, (finding,) = match_ids(pd.Index(["01"]), ids("1", "001", "01"))
    assert matched.tolist() == ["1", "001", "01"]


@given(
    st.lists(st.text("01aAb", min_size=1, max_size=5), unique=True),
    st.lists(st.text("01aAb", min_size=1, max_size=5)),
)
def test_exact_ids_never_move_and_no_two_ids_are_merged(left, right):
    matched, _ = match_ids(pd.Index(left, dtype="str"), pd.Series(right, dtype="str"))
    assert all(after == before for before, after in zip(right, matched, strict=True) if before in left)
    assert len(set(right)) == matched.nunique()
    assert all(after in left or after == before for before, after in zip(right, matched, strict=True))


@given(st.lists(st.text("0123456789ABC-/", min_size=1, max_size=12)))
def test_a_clean_id_stays_as_it_is(values):
    assert clean_ids(pd.Series(values, dtype="str"), column="x")[0].tolist() == values
