"""Tables of text as people have them."""

import tracemalloc
from pathlib import Path

import pytest

from webapp.affiliates.kind import KIND
from webapp.errors import Invalid
from webapp.imports.reading import Row, open_table, rows

HEADER = "affiliate_id,email,company\n"


def table(
    folder: Path, content: str | bytes, encoding: str = "utf-8"
) -> tuple[str, tuple[str, ...], list[Row]]:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    found = open_table(path, KIND.columns)
    return found.words, found.header, list(rows(found))


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_letters_arrive_whole_in_every_usual_encoding(tmp_path: Path, encoding: str, words: str) -> None:
    said, header, found = table(tmp_path, HEADER + "1,a@b.example,Kovács & Söhne\n", encoding)
    assert said == f"{words} with commas"
    assert header == ("affiliate_id", "email", "company")
    assert found == [Row(2, ["1", "a@b.example", "Kovács & Söhne"])]


@pytest.mark.parametrize(
    ("sign", "words"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
def test_the_delimiter_is_found(tmp_path: Path, sign: str, words: str) -> None:
    text = f'email{sign}"Company, or; name"{sign}City\na@b.example{sign}"x{sign}y"{sign}z\n'
    said, _, found = table(tmp_path, text)
    assert said.endswith(words)
    assert found == [Row(2, ["a@b.example", f"x{sign}y", "z"])]


def test_a_file_of_one_column_has_commas(tmp_path: Path) -> None:
    assert table(tmp_path, "email\na@b.example\n")[0].endswith("commas")


def test_a_quoted_cell_may_hold_line_breaks_and_the_next_line_is_still_counted_right(tmp_path: Path) -> None:
    _, _, found = table(tmp_path, HEADER + '1,a@b.example,"one\r\ntwo ""2"""\r\n\r\n2,c@d.example,x\r\n')
    assert found == [Row(2, ["1", "a@b.example", 'one\r\ntwo "2"']), Row(5, ["2", "c@d.example", "x"])]


def test_a_quote_that_nobody_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    _, _, found = table(tmp_path, HEADER + '1,a@b.example,"open\n2,c@d.example,x\n3,e@f.example,y\n')
    assert "never closed" in found[0].problem
    assert [row.cells[0] for row in found[1:]] == ["2", "3"]
    assert [row.line for row in found] == [2, 3, 4]


def test_an_open_quote_above_a_long_file_costs_its_own_row_only(tmp_path: Path) -> None:
    many = "".join(f"{number},p{number}@b.example,{'x' * 50}\n" for number in range(20_000))
    _, _, found = table(tmp_path, HEADER + '0,a@b.example,"open\n' + many)
    assert "never closed" in found[0].problem
    assert len(found) == 20_001


def test_letters_after_a_closed_quote_cost_their_row_only(tmp_path: Path) -> None:
    _, _, found = table(tmp_path, HEADER + '1,a@b.example,"x"y\n2,c@d.example,z\n')
    assert "closing quote" in found[0].problem
    assert found[1] == Row(3, ["2", "c@d.example", "z"])


def test_a_quote_inside_a_plain_cell_is_a_letter(tmp_path: Path) -> None:
    assert table(tmp_path, HEADER + '1,a@b.example,5" disks\n')[2] == [
        Row(2, ["1", "a@b.example", '5" disks'])
    ]


def test_empty_cells_at_the_end_may_be_left_out(tmp_path: Path) -> None:
    assert table(tmp_path, HEADER + "1,a@b.example\n")[2] == [Row(2, ["1", "a@b.example", ""])]


def test_too_many_cells_are_a_problem_of_their_row(tmp_path: Path) -> None:
    _, _, found = table(tmp_path, HEADER + "1,a@b.example,x,y\n2,c@d.example,z,\n")
    assert "4 cells, the header 3" in found[0].problem
    assert found[1] == Row(3, ["2", "c@d.example", "z"])


@pytest.mark.parametrize("length", [10_001, 200_000, 3_000_000])
def test_a_huge_cell_costs_its_row_only(tmp_path: Path, length: int) -> None:
    _, _, found = table(tmp_path, HEADER + f"1,a@b.example,{'x' * length}\n2,c@d.example,z\n")
    assert "Shorten it" in found[0].problem
    assert found[1] == Row(3, ["2", "c@d.example", "z"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\r\n \n", "empty"),
        (b"PK\x03\x04rest of a spreadsheet", "spreadsheet"),
        (HEADER.encode("utf-16-le"), "UTF-16 without its mark"),
        (b"email,company\na@b.example,caf\x81\n", "neither UTF-8 nor Windows-1252"),
        (b"\xef\xbb\xbfemail\ncaf\xe9", "says that it is UTF-8"),
        (",".join(f"column {number}" for number in range(201)).encode(), "201 columns"),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_remedy(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        table(tmp_path, content)
    assert words in refused.value.problems["file"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        open_table(tmp_path / "nothing.csv", KIND.columns)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text(HEADER + "".join(f"{n},p{n}@b.example,Company {n}\n" for n in range(50_000)))
    found = open_table(path, KIND.columns)
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows(found)) == 50_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
