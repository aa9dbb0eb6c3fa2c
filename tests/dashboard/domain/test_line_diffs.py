"""Two texts, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.line_diffs import Fold, Line, LineDiff, Part, line_diff

TEXTS = st.lists(
    st.sampled_from(["", "a", "b b", "the price is 5", "the price is 7", "e\u0301t\u00e9 \u4f60"]), max_size=15
).map("\n".join) | st.text(st.sampled_from("ab \n\u0301\r"), max_size=60)


def told(diff: LineDiff) -> list[str]:
    """The rows as a patch writes them, with the differing words in brackets."""
    signs = {"same": " ", "added": "+", "removed": "-"}
    return [
        f"{signs[row.kind]}~{row.lines}"
        if isinstance(row, Fold)
        else signs[row.kind] + "".join(f"[{part.text}]" if part.differs else part.text for part in row.parts)
        for row in diff.rows
    ]


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_put_together_from_the_rows(before: str, after: str) -> None:
    rows = [row for row in line_diff(before, after, context=None).rows if isinstance(row, Line)]
    assert "\n".join(row.text for row in rows if row.before is not None) == before
    assert "\n".join(row.text for row in rows if row.after is not None) == after
    assert [row.before for row in rows if row.before] == list(range(1, before.count("\n") + 2))
    assert [row.after for row in rows if row.after] == list(range(1, after.count("\n") + 2))


@given(before=TEXTS, after=TEXTS, context=st.integers(0, 4), longest_run=st.integers(1, 5))
def test_folding_hides_no_line_without_counting_it(before: str, after: str, context: int, longest_run: int) -> None:
    diff = line_diff(before, after, context=context, longest_run=longest_run)
    lines = {
        kind: sum((row.lines if isinstance(row, Fold) else 1) for row in diff.rows if row.kind == kind)
        for kind in ("same", "added", "removed")
    }
    assert (lines["added"], lines["removed"]) == (diff.added, diff.removed)
    assert lines["same"] + lines["removed"] == before.count("\n") + 1
    assert lines["same"] + lines["added"] == after.count("\n") + 1
    for row in diff.rows:
        if isinstance(row, Fold):
            assert row.lines > 0
            assert row.kind == "same" or row.before or row.after


@given(text=TEXTS)
def test_a_text_beside_itself_has_no_difference(text: str) -> None:
    diff = line_diff(text, text)
    assert (diff.added, diff.removed) == (0, 0)
    assert {row.kind for row in diff.rows} == {"same"}


def test_words_are_marked_within_lines_that_are_alike() -> None:
    before, after = "The price is 5.00 EUR\nof old", "The price is 7.50 EUR\nwholly new words"
    assert told(line_diff(before, after)) == [
        "-The price is [5].[00] EUR",
        "-of old",
        "+The price is [7].[50] EUR",
        "+wholly new words",
    ]


def test_an_accent_stays_with_its_letter() -> None:
    assert told(line_diff("le cafe est ferme", "le cafe\u0301 est ferme")) == [
        "-le [cafe] est ferme",
        "+le [cafe\u0301] est ferme",
    ]
    long = "x" * 5_000
    removed, added = line_diff(f"{long}e{long}", f"{long}e\u0301{long}").rows
    assert isinstance(removed, Line)
    assert isinstance(added, Line)
    assert removed.parts == (Part(long), Part("e", differs=True), Part(long))
    assert added.parts == (Part(long), Part("e\u0301", differs=True), Part(long))


def test_what_is_the_same_is_folded_beyond_three_lines_of_context() -> None:
    before = "\n".join(map(str, range(20)))
    assert told(line_diff(before, before.replace("10", "ten"))) == [
        " ~7", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13", " ~6",
    ]  # fmt: skip
    fold = line_diff(before, before.replace("10", "ten")).rows[-1]
    assert fold == Fold("same", 6, 15, 15)


def test_one_line_is_not_worth_a_fold() -> None:
    before = "\n".join("abcdefg")
    assert told(line_diff(f"0\n{before}\n1", f"2\n{before}\n3"))[2:9] == [f" {letter}" for letter in "abcdefg"]


def test_a_text_that_is_wholly_new_has_no_empty_line_before_it() -> None:
    assert told(line_diff(None, "a\nb")) == ["+a", "+b"]
    assert told(line_diff("a", None)) == ["-a"]
    assert told(line_diff("", "a")) == ["-", "+a"]
    assert told(line_diff("a", "a\n")) == [" a", "+"]
    assert line_diff(None, None).rows == ()


def test_long_runs_are_folded_and_counted() -> None:
    diff = line_diff("\n".join(map(str, range(500))), "\n".join(map(str, range(1_000, 2_000))))
    assert [row for row in diff.rows if isinstance(row, Fold)] == [
        Fold("removed", 100, 401, None),
        Fold("added", 600, None, 401),
    ]
    assert (diff.removed, diff.added, diff.is_cut) == (500, 1_000, False)


def test_a_megabyte_of_lines_that_all_differ_is_told_without_comparing_each_with_each() -> None:
    diff = line_diff("a\n" * 500_000, "b\n" * 500_000)
    assert (diff.removed, diff.added) == (500_000, 500_000)
    assert len(diff.rows) < 1_000
    few = line_diff("a\n" * 9, "b\n" * 9, most_rows=5)
    assert (len(few.rows), few.removed, few.is_cut) == (5, 9, True)


def test_a_line_of_a_megabyte_is_told_by_where_it_differs() -> None:
    removed, added = line_diff("a b " * 250_000 + "5" + " c" * 10, "a b " * 250_000 + "7" + " c" * 10).rows
    assert isinstance(removed, Line)
    assert isinstance(added, Line)
    assert (removed.parts[1], added.parts[1]) == (Part("5", differs=True), Part("7", differs=True))
