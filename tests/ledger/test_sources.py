import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger import text_files, workbooks
from payseg_widgets.ledger.export import defused
from payseg_widgets.ledger.schema import REJECTED_COLUMNS
from payseg_widgets.ledger.sources import RawTable, load_table

DATA = Path(__file__).parents[3] / "shared" / "data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent in a fresh clone")
relaxed = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def load(folder: Path, content: bytes | str, **options: object) -> RawTable:
    path = folder / "export.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_table(path, "invoices", **options)


def adds_up(raw: RawTable) -> bool:
    return raw.n_rows_read == len(raw.frame) + len(raw.rejected) and tuple(raw.rejected) == REJECTED_COLUMNS


def test_a_plain_file_keeps_every_cell_as_text(tmp_path):
    raw = load(tmp_path, 'Invoice No, Amount \n0001,"1,234.50"\n0002,N/A\n')
    assert raw.frame.to_dict("list")["Invoice No"] == ["0001", "0002"]
    assert raw.frame["Amount"].iloc[0] == "1,234.50"
    assert raw.frame["Amount"].isna().tolist() == [False, True]
    assert raw.frame.index.tolist() == [1, 2]
    assert raw.frame.index.name == "source_row"
    assert (raw.frame.dtypes == "str").all()
    assert raw.findings == ()


letters = st.characters(
    codec="utf-8",
    exclude_characters="\0\ufeff\x85\x1c\x1d\x1e\x1f\r\x0b\x0c",
    exclude_categories=["Zs", "Zl", "Zp", "Cf", "Cc"],
)
cells = st.text(letters | st.sampled_from(" \n,;\t|\"'"), max_size=12)
nothing = {
    "",
    "NULL",
    "null",
    "NA",
    "nan",
    "None",
    "none",
    "nil",
    "N/A",
    "n/a",
    "N/a",
    "nat",
    "NaN",
    "NAN",
    "-nan",
    "NaT",
    "NONE",
    "Null",
    "(null)",
    "#NA",
    "#N/A",
    "<NA>",
    "<na>",
    "\\N",
}


@st.composite
def tables(draw, alphabet=cells):
    width = draw(st.integers(2, 5))
    row = st.lists(alphabet, min_size=width, max_size=width)
    return [f"heading {i}" for i in range(width)], draw(st.lists(row, max_size=8))


def expected_of(rows):
    return [
        [None if c.strip() in nothing else c.strip() for c in row]
        for row in rows
        if any(c.strip() for c in row)
    ]


def cells_of(frame):
    return [[None if pd.isna(c) else c for c in row] for row in frame.to_numpy().tolist()]


@relaxed
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_comes_back_from_any_delimiter_and_encoding(tmp_path, table, delimiter, end, encoding):
    headings, rows = table
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerows([headings, *rows])
    raw = load(tmp_path, text.getvalue().encode(encoding), delimiter=delimiter)
    assert list(raw.frame) == headings
    assert cells_of(raw.frame) == expected_of(rows)
    assert adds_up(raw)


# signs beyond ASCII stand among letters: a run of them may as well be another alphabet
words = st.from_regex(r"[éèüßñ£€]?([A-Za-z]{1,3}[éèüßñ£€]?){1,3}", fullmatch=True).filter(
    lambda w: w not in nothing
)


@relaxed
@given(
    table=tables(words),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16-le", "utf-16-be", "utf-8-sig"]),
)
def test_delimiter_and_encoding_are_found_by_content(tmp_path, table, delimiter, encoding):
    headings, rows = table
    text = "\n".join(delimiter.join(row) for row in [headings, *rows]) + "\n"
    raw = load(tmp_path, text.encode(encoding))
    assert list(raw.frame) == headings
    assert cells_of(raw.frame) == expected_of(rows)


@pytest.mark.parametrize("word", ["££", "é", "ñé£"])
def test_so_few_signs_that_they_tell_no_encoding_are_western(tmp_path, word):
    raw = load(tmp_path, f"id,note\n1,{word}\n".encode("cp1252"))
    assert raw.frame["note"].tolist() == [word]


@relaxed
@given(lines=st.lists(st.text(' "a,b\n', max_size=10), max_size=8))
def test_the_quick_and_the_patient_reader_agree(tmp_path, lines):
    path = tmp_path / "export.csv"
    path.write_text("x,y\n" + "\n".join(lines), encoding="utf-8")
    try:
        quick = text_files._read_at_once(path, ",", 2, 1)
    except LedgerError:
        return
    if quick is None:
        return
    heading = text_files.find_heading([["x", "y"]], "invoices")
    quick = text_files._without_blank_rows(quick, heading).cells.to_pylist()
    patient = text_files._read_patiently(path, ",", 2, 1, heading)
    strip = [{k: (v or "").strip() for k, v in row.items()} for row in quick]
    assert strip == [{k: v.strip() for k, v in row.items()} for row in patient.cells.to_pylist()]


@relaxed
@given(
    start=st.sampled_from(
        [
            b"",
            b"a,b\n",
            b"PK\x03\x04",
            b"PAR1",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"sep=;\n",
            b'a,b\n1,"',
        ]
    ),
    noise=st.binary(max_size=300),
)
def test_random_bytes_give_a_table_that_adds_up_or_a_ledger_error(tmp_path, start, noise):
    try:
        raw = load(tmp_path, start + noise)
    except LedgerError as error:
        assert len(str(error)) < 500  # noqa: PT017  most bytes are no table, some are
    else:
        assert adds_up(raw)


@relaxed
@given(text=st.text("abc12,;\"\n\r\t|'=", max_size=200))
def test_random_delimited_text_adds_up(tmp_path, text):
    try:
        raw = load(tmp_path, "id,amount\n" + text)
    except LedgerError:
        return
    assert adds_up(raw)


def test_rows_of_another_width_are_rejected_with_the_offending_cell(tmp_path):
    raw = load(
        tmp_path, "id,date,amount\n1,2024-01-31,5\n2,2024-02-01\n3,2024-02-02,6,surplus\n4,2024-02-03,7,\n"
    )
    assert raw.frame.index.tolist() == [1, 4]
    assert raw.rejected[["source_row", "reason", "value"]].to_numpy().tolist() == [
        [2, "2 cells where the headings ask for 3", "'2024-02-01'"],
        [3, "4 cells where the headings ask for 3", "'surplus'"],
    ]
    assert raw.n_rows_read == 4


def test_odd_rows_among_plain_ones_keep_their_place(tmp_path):
    rows = ['1,"a, b"', "2", "", "3,c", '4,5" pipe', ",", '5,"d\ne"', "6,f", "7,g,", "8,h,i", '"9","j"']
    raw = load(tmp_path, "id,name\r\n" + "\r\n".join(rows))
    assert raw.frame.to_numpy().tolist() == [
        ["1", "a, b"], ["3", "c"], ["4", '5" pipe'], ["5", "d\ne"], ["6", "f"], ["7", "g"], ["9", "j"],
    ]  # fmt: skip
    assert raw.frame.index.tolist() == [1, 3, 4, 5, 6, 7, 9]
    assert raw.rejected[["source_row", "value"]].to_numpy().tolist() == [[2, "'2'"], [8, "'i'"]]
    assert raw.n_rows_read == 9


def test_a_lone_quote_costs_one_row_not_the_file(tmp_path):
    rows = "".join(f"{i},x\n" for i in range(3, 3000))
    raw = load(tmp_path, 'id,name,amount\n1,"open,5\n' + rows.replace(",x", ",x,1"))
    assert raw.rejected["source_row"].tolist() == [1]
    assert len(raw.frame) == 2997


def test_a_lone_quote_in_the_last_cell_is_mended(tmp_path):
    raw = load(tmp_path, 'id,name\n1,"open\n2,x\n')
    assert raw.frame["name"].tolist() == ["open", "x"]
    assert "stray quotation mark" in raw.findings[0].text


def test_lines_that_each_open_a_quote_do_not_hang(tmp_path):
    raw = load(tmp_path, "id,name,amount\n" + 'a"b,"\n' * 20_000)
    assert adds_up(raw)
    assert raw.n_rows_read == 20_000


def test_quoted_cells_may_hold_lines(tmp_path):
    raw = load(tmp_path, 'id,address,amount\n1,"1 High St\nLeeds",5\n2,"say ""hi""",6\n')
    assert raw.frame["address"].tolist() == ["1 High St\nLeeds", 'say "hi"']


def test_titles_above_and_totals_below_are_no_records(tmp_path):
    text = "Aged debtors\n\nAs at,31/01/2024\n\nid,date,amount,currency\n"
    text += "1,2024-01-01,5,GBP\n2,2024-01-02,6,GBP\nTotal,,11,\n,,,\n"
    raw = load(tmp_path, text)
    assert list(raw.frame) == ["id", "date", "amount", "currency"]
    assert raw.frame["id"].tolist() == ["1", "2"]
    assert raw.rejected["reason"].tolist() == ["a total, not a record"]
    assert raw.n_rows_read == 3
    assert "2 rows above the headings" in raw.findings[0].text


def test_a_customer_called_total_is_a_record(tmp_path):
    raw = load(tmp_path, "name,id,amount,note\nTOTAL GAS (GB) LTD,,5,\nTotal Energies,,,\n")
    assert len(raw.frame) == 2


def test_repeated_and_blank_headings_are_told_apart(tmp_path):
    raw = load(tmp_path, "id,amount,amount,,\n1,2,3,x,\n")
    assert list(raw.frame) == ["id", "amount", "amount (2)", "column 4"]
    assert len(raw.findings) == 2


LATE = [f"{i},{'late' if i > 250 else ''},{i},{'late' if i > 250 else ''}\n" for i in range(1, 301)]


def test_columns_without_heading_whose_data_begin_late_are_named(tmp_path):
    raw = load(tmp_path, "id,,amount,\n" + "".join(LATE))
    assert list(raw.frame) == ["id", "column 2", "amount", "column 4"]
    assert raw.frame[["column 2", "column 4"]].notna().sum().tolist() == [50, 50]
    assert [f.column for f in raw.findings] == ["column 2", "column 4"]
    assert "holds data only further down" in raw.findings[0].text


def test_the_patient_reader_drops_no_late_column_either(tmp_path):
    # a row of two cells makes this reader take the file; it knows three columns and refuses a filled fourth
    text = "id,,amount,\n" + "".join(LATE[:200]) + "x,y\n" + "".join(LATE[200:]) + "301,later,301\n"
    raw = load(tmp_path, text)
    assert list(raw.frame) == ["id", "column 2", "amount"]
    assert raw.frame["column 2"].dropna().tolist() == ["later"]
    assert raw.rejected["reason"].value_counts().to_dict() == {
        "4 cells where the headings ask for 3": 50,
        "2 cells where the headings ask for 3": 1,
    }
    assert len(raw.frame) + len(raw.rejected) == 302


def test_a_late_column_of_a_workbook_is_named(tmp_path):
    table = pd.DataFrame({"id": range(300), "": [None] * 250 + ["late"] * 50, "amount": range(300)})
    table.to_excel(tmp_path / "late.xlsx", index=False)
    raw = load_table(tmp_path / "late.xlsx", "invoices")
    assert list(raw.frame) == ["id", "column 2", "amount"]
    assert raw.frame["column 2"].notna().sum() == 50


def test_a_file_without_headings_is_an_error(tmp_path):
    with pytest.raises(LedgerError, match=r"no headings.*'2024-01-31'"):
        load(tmp_path, "C1,2024-01-31,5.00\nC2,2024-02-01,6.00\n")


def test_a_header_only_file_has_no_rows(tmp_path):
    raw = load(tmp_path, "id,amount\n")
    assert raw.frame.shape == (0, 2)
    assert raw.n_rows_read == 0


@pytest.mark.parametrize(
    "content", [b"", b"\n\n\n", b"\xef\xbb\xbf", b"%PDF-1.7", b"<html><table>", b"\x1f\x8b\x08"]
)
def test_what_is_no_table_is_a_ledger_error(tmp_path, content):
    with pytest.raises(LedgerError, match="invoices"):
        load(tmp_path, content)


def test_missing_files_folders_and_other_objects_are_ledger_errors(tmp_path):
    for source in (tmp_path, tmp_path / "no.csv", "x" * 5000, "a\0b", 42, "", "~nobody-of-this-name/a.csv"):
        with pytest.raises(LedgerError, match="invoices"):
            load_table(source, "invoices")


def test_a_huge_single_line_is_an_error_and_a_huge_row_is_rejected(tmp_path):
    with pytest.raises(LedgerError, match="1,000,000 characters"):
        load(tmp_path, b"a," * 2_000_000)
    raw = load(tmp_path, b"id,amount\n1,2\n" + b"x" * 2_000_000 + b"\n3,4\n")
    assert raw.frame["id"].tolist() == ["1", "3"]
    assert raw.rejected["reason"].tolist() == ["a line of 2,000,001 characters"]
    assert raw.rejected["value"].str.len().max() <= 60


def test_nuls_and_mangled_bytes_are_told(tmp_path):
    raw = load(tmp_path, b"id,name\n1,a\0b\n")
    assert raw.frame["name"].tolist() == ["ab"]
    assert "1 NUL character" in raw.findings[0].text
    raw = load(tmp_path, "id,name\n1,Müller Straße é\n2,".encode() + b"\xff\n")
    assert raw.frame["name"].tolist() == ["Müller Straße é", "\ufffd"]
    assert "1 mangled character" in raw.findings[0].text


def test_cyrillic_is_found_by_its_content(tmp_path):
    text = "номер;название;сумма\n1;Общество с ограниченной ответственностью;5\n2;Закрытое акционерное общество;6\n"
    assert list(load(tmp_path, text.encode("cp1251")).frame) == ["номер", "название", "сумма"]


def test_unknown_encoding_and_long_delimiters_are_ledger_errors(tmp_path):
    with pytest.raises(LedgerError, match="latin-99"):
        load(tmp_path, "a,b\n", encoding="latin-99")
    for delimiter in ("::", "", "\n", '"', "\0", 3):
        with pytest.raises(LedgerError, match="one character"):
            load(tmp_path, "a,b\n", delimiter=delimiter)


@pytest.mark.parametrize("encoding", ["hex", "rot13", "zip", "idna", "undefined", "utf-16", "", "utf-8\0", 3])
def test_what_is_no_encoding_of_this_text_is_quoted(tmp_path, encoding):
    with pytest.raises(LedgerError) as error:
        load(tmp_path, "a,b\n1,2\n", encoding=encoding)
    assert (repr(encoding) if encoding != 3 else "'3'") in str(error.value)
    assert "name one such as 'utf-8'" in str(error.value)


def test_an_apostrophe_that_defuses_a_formula_is_taken_off_and_told(tmp_path):
    cells = ["'=1+1", "'+44", "'-5.00", "'@me", "'\tx", "'s-Gravenhage", "''=1", "O'=1"]
    plain = ["=1+1", "+44", "-5.00", "@me", "x", "'s-Gravenhage", "''=1", "O'=1"]
    text = "id,name\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    for raw in (load(tmp_path, text), load_table(pd.DataFrame({"id": range(8), "name": cells}), "invoices")):
        assert raw.frame["name"].tolist() == plain
        (finding,) = raw.findings
        assert (finding.column, finding.n_rows) == ("name", 5)


def test_defused_text_reads_back(tmp_path):
    text = pd.Series(["=SUM(A1)", "Acorn", "+44", "-", "@x", "'quoted'"], dtype="str")
    raw = load(tmp_path, "name,id\n" + "".join(f"{cell},1\n" for cell in defused(text)))
    assert raw.frame["name"].tolist() == text.tolist()


def test_names_of_files_are_no_patterns(tmp_path):
    path = tmp_path / "export [1]*.csv"
    path.write_text("id,amount\n1,2\n", encoding="utf-8")
    assert load_table(path, "invoices").n_rows_read == 1


def workbook(path: Path, **sheets: pd.DataFrame) -> Path:
    with pd.ExcelWriter(path) as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    return path


def test_a_workbook_keeps_its_types_whatever_it_is_called(tmp_path):
    frame = pd.DataFrame(
        {
            "id": ["0001", "0002"],
            "n": [1930571429, 7],
            "issued": pd.to_datetime(["2024-01-31", None]),
            "amount": [1.25, None],
        }
    )
    path = workbook(tmp_path / "export.xlsx", Sheet1=frame).rename(tmp_path / "export.csv")
    raw = load_table(path, "invoices")
    assert raw.frame["id"].tolist() == ["0001", "0002"]
    assert raw.frame["n"].dtype == "int64"
    assert raw.frame["issued"].dtype.kind == "M"
    assert raw.frame["amount"].iloc[0] == 1.25


def mangled(path: Path, member: str, old: bytes, new: bytes) -> Path:
    """Replace bytes in one file of a zip archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = parts[member].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'r="A2"', b'r="XFD1048576"'),
        (b'r="A2"', b'r="ZZZZZZZ99999999999"'),
        (b"<v>2</v>", b"<v>999999</v>"),
        (b"</sheetData>", b""),
    ],
)
def test_a_mangled_workbook_is_a_ledger_error(tmp_path, old, new):
    path = workbook(tmp_path / "a.xlsx", Sheet1=pd.DataFrame({"id": ["a", "b"], "amount": [1, 2]}))
    with pytest.raises(LedgerError, match=r"invoices.*CSV"):
        load_table(mangled(path, "xl/worksheets/sheet1.xml", old, new), "invoices")


def test_a_panic_of_the_workbook_reader_is_a_ledger_error(tmp_path, monkeypatch):
    class PanicException(BaseException):
        """Called as pyo3 calls it."""

    def panic(_content):
        raise PanicException("capacity overflow")

    path = workbook(tmp_path / "a.xlsx", Sheet1=pd.DataFrame({"id": ["a"]}))
    monkeypatch.setattr(workbooks.CalamineWorkbook, "from_filelike", panic, raising=True)
    with pytest.raises(LedgerError, match="capacity overflow"):
        load_table(path, "invoices")


def test_cut_and_foreign_archives_are_ledger_errors(tmp_path):
    path = workbook(tmp_path / "a.xlsx", Sheet1=pd.DataFrame({"id": ["a"], "amount": [1]}))
    content = path.read_bytes()
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "a.parquet")
    parquet = (tmp_path / "a.parquet").read_bytes()
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    sealed = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
    archived = (tmp_path / "b.zip").read_bytes()
    for cut in (content[:100], content[:-30], archived, sealed, parquet[:8], parquet[:-5]):
        with pytest.raises(LedgerError, match=r"invoices.*(save it|Export it) again"):
            load(tmp_path, cut)


def test_an_index_may_share_a_name_with_a_column():
    frame = pd.DataFrame({"id": ["a", "b"], "amount": [1, 2]}, index=pd.Index([7, 8], name="id"))
    raw = load_table(frame, "invoices")
    assert list(raw.frame) == ["id", "id (2)", "amount"]
    assert "repeated" in raw.findings[0].text


def test_headings_of_any_kind_become_text():
    columns = [0, None, ("x", 1), "a", "a"]
    raw = load_table(pd.DataFrame([[1, 2, 3, 4, 5]], columns=pd.Index(columns, dtype="object")), "invoices")
    assert list(raw.frame) == ["0", "None", "x 1", "a", "a (2)"]
    levels = pd.MultiIndex.from_tuples([("due", "on"), ("paid", "on")])
    assert list(load_table(pd.DataFrame([[1, 2]], columns=levels), "invoices").frame) == ["due on", "paid on"]


def test_nested_columns_become_text():
    table = pa.table({"id": ["a"], "lines": [[1, 2]], "customer": [{"name": "x"}]})
    assert load_table(table, "invoices").frame["lines"].tolist() == ["[1 2]"]


def test_several_sheets_are_listed(tmp_path):
    frame = pd.DataFrame({"id": ["a"], "amount": [1.5]})
    path = workbook(tmp_path / "two.xlsx", Open=frame, Paid=frame.assign(id="b"), Empty=pd.DataFrame())
    with pytest.raises(LedgerError, match=r"'Open', 'Paid'.*sheet="):
        load_table(path, "invoices")
    assert load_table(path, "invoices", sheet="Paid").frame["id"].tolist() == ["b"]
    assert load_table(path, "invoices", sheet=0).frame["id"].tolist() == ["a"]
    with pytest.raises(LedgerError, match="no sheet 'Void'"):
        load_table(path, "invoices", sheet="Void")


def test_parquet_and_frames_keep_types_and_digits(tmp_path):
    table = pa.table({
        "id": pa.array([2**62 + 1, None], pa.int64()), "on": pa.array([0, None], pa.date32()),
        "amount": pa.array(["1.10", None], pa.string()).cast(pa.decimal128(10, 2)),
        "city": pa.array(["a", "a"]).dictionary_encode(),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "export.dat")
    for source in (tmp_path / "export.dat", table):
        frame = load_table(source, "invoices").frame
        assert int(frame["id"].iloc[0]) == 2**62 + 1
        assert frame["on"].iloc[0] == pd.Timestamp("1970-01-01")
        assert str(frame["amount"].iloc[0]) == "1.10"
        assert frame["city"].dtype == "str"


def test_a_frame_of_mixed_objects_becomes_text():
    raw = load_table(
        pd.DataFrame({"id": [1, "x"], "d": [pd.Timestamp("2024-01-31"), "1/2/2024"]}), "invoices"
    )
    assert raw.frame["id"].tolist() == ["1", "x"]
    assert raw.frame["d"].tolist() == ["2024-01-31", "1/2/2024"]


def test_the_same_contents_have_the_same_hash():
    frame = pd.DataFrame({"id": ["a", "b"], "n": [1, 2]})
    assert load_table(frame, "invoices").sha256 == load_table(frame.copy(), "invoices").sha256
    assert load_table(frame, "invoices").sha256 != load_table(frame.iloc[::-1], "invoices").sha256


@real_data
def test_the_ibm_file_has_2466_rows():
    raw = load_table(DATA / "ibm_ar" / "accounts_receivable.csv", "invoices")
    assert (raw.n_rows_read, raw.frame.shape[1], len(raw.rejected)) == (2466, 12, 0)
