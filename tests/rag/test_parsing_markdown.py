"""Markdown and MDX, as they are read by people."""

from __future__ import annotations

import textwrap

import pytest

from tests.fakes.files import parse
from tillhand_rag.errors import EmptyDocument


def markdown(source: str) -> str:
    return parse(textwrap.dedent(source), "page.md").text


def mdx(source: str) -> str:
    return parse(textwrap.dedent(source), "page.mdx").text


def test_markup_goes_and_words_stay() -> None:
    text = markdown("""
        # Returns *policy*

        Send it back within **30 days** using the [form](https://example.com/form), see `RMA-1`.
        A line goes on.

        ***

        > Keep the box.
        """)
    assert text == (
        "Returns policy\n\nSend it back within 30 days using the form, see RMA-1. A line goes on.\n\nKeep the box."
    )


def test_headings_carry_their_level_and_the_offset_of_their_line() -> None:
    document = parse("# One\n\ntext\n\n## Two\n\nmore\n\nThree\n=====\n\nend\n", "page.md")
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "One"), (2, "Two"), (1, "Three")]
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title + "\n")


def test_lists_keep_their_marks_numbers_and_depth() -> None:
    text = markdown("""
        3. First

           And more of it.

        4. Second
           - inner
           - other
        """)
    assert text == "3. First\n  And more of it.\n4. Second\n  - inner\n  - other"


def test_a_table_of_two_columns_reads_as_pairs() -> None:
    text = markdown("""
        | Country | Delivery |
        |---------|----------|
        | Germany | 2 days   |
        | Malta   | 5 days   |
        """)
    assert text == "Country: Delivery\nGermany: 2 days\nMalta: 5 days"


def test_every_row_of_a_wider_table_names_its_columns() -> None:
    text = markdown("""
        | Zone | Standard | Express |
        |------|---------:|---------|
        | EU   | 4.90     | 9.90    |
        | UK   | 7.50     |         |
        """)
    assert text == "Zone: EU; Standard: 4.90; Express: 9.90\nZone: UK; Standard: 7.50"


def test_a_table_without_a_proper_rule_is_a_table_still() -> None:
    text = markdown("""
        | Setting | Value |
        |----------
        | Tax | None |

        |--- |--- |
        |Next page|Cmd + Right|
        """)
    assert text == "Setting: Value\nTax: None\n\nNext page: Cmd + Right"


def test_line_breaks_within_a_cell_become_punctuation() -> None:
    assert markdown("| A | B |\n|---|---|\n| x | one<br/>two.<br>three |\n").endswith("x: one; two. three")


def test_code_is_verbatim() -> None:
    text = markdown("""
        Run this:

        ```bash
        if true; then
        \techo "**not bold** {: .x} <b>"   # {% raw %}
        fi
        ```
        """)
    assert text == 'Run this:\n\nif true; then\n    echo "**not bold** {: .x} <b>"   #\nfi'


def test_a_drawing_in_code_is_left_out_as_images_are() -> None:
    assert markdown("Before\n\n```mermaid\ngraph TD; A-->B\n```\n\n![A box](box.png)\n\nAfter") == "Before\n\nAfter"


def test_an_image_within_a_sentence_is_read_by_its_description() -> None:
    assert markdown("Click ![Delete](bin.svg) to remove it.") == "Click Delete to remove it."


def test_the_caption_below_an_image_says_that_it_is_one() -> None:
    assert markdown("![Screen](shot.png)\n_The shipping screen_") == "Figure: The shipping screen"


def test_front_matter_names_the_document_and_can_be_filtered() -> None:
    document = parse(
        "---\ntitle: 'Shipping: rates'\ndescription: What it costs.\ncategory: help\nreviewed: 2026-01-31\n"
        "public: true\ntags: [a, b]\n---\nFree above 50 EUR.\n",
        "shipping.md",
    )
    assert document.title == "Shipping: rates"
    assert document.text == "Shipping: rates\n\nWhat it costs.\n\nFree above 50 EUR."
    assert document.attributes == {"category": "help", "reviewed": "2026-01-31", "public": True}


def test_front_matter_that_is_no_yaml_is_read_line_by_line() -> None:
    document = parse("---\ntitle: Returns: the short version\n---\nThirty days.\n", "returns.md")
    assert document.title == "Returns: the short version"


def test_the_title_comes_from_the_opening_heading_then_from_the_file_name() -> None:
    assert parse("# Care guide\n\nWash cold.", "x.md").title == "Care guide"
    assert parse("Wash cold.", "docs/care-guide_2.md").title == "Care guide 2"


def test_a_heading_of_its_own_is_not_repeated_from_the_front_matter() -> None:
    assert parse("---\ntitle: Care\n---\n# Care\n\nWash cold.", "x.md").text == "Care\n\nWash cold."


def test_site_generator_marks_are_no_text() -> None:
    text = markdown("""
        ## Payouts {#payouts}

        {:.bs-callout-info}
        See [balances]({% link pay/balances.md %}){:target="_blank"} and [fees]({{ site.url }}/fees).{: .small}

        > [!WARNING]
        > Payouts stop on holidays.

        {% include footer.md %}
        """)
    assert text == "Payouts\n\nSee balances and fees.\n\nWarning: Payouts stop on holidays."


def test_html_in_markdown_is_read_and_placeholders_are_kept() -> None:
    text = markdown("""
        Press <kbd>Enter</kbd>,<br>then type <order id>.

        <table><tr><th>Size</th><th>Chest</th><th>Waist</th></tr><tr><td>M</td><td>96</td><td>82</td></tr></table>

        <style>p { color: red }</style>
        """)
    assert text == "Press Enter,\nthen type <order id>.\n\nSize: M; Chest: 96; Waist: 82"


def test_footnotes_stand_at_the_end_under_their_mark() -> None:
    text = markdown("Free returns[^a].\n\n[^a]: Within the EU.\n")
    assert text == "Free returns [a].\n\n[a] Within the EU."


def test_components_give_their_words_and_titles_and_none_of_their_code() -> None:
    text = mdx("""
        import { Card } from '/snippets/card.jsx'

        export const Badge = ({ text }) => {
          const style = `a${text}`;

          return <span className="badge">{text}</span>;
        };

        {/* a note to ourselves */}
        # Orders

        <Note>
          Orders are **final**.
        </Note>

        <CardGroup cols={2}>
          <Card title="Refunds" icon={<Icon name="undo" />} href="/refunds">
            Give money back.
          </Card>
        </CardGroup>

        <ParamField path="id" type="string" required>
          The order's id.
        </ParamField>
        """)
    assert text == "Orders\n\nOrders are final.\n\nRefunds\n\nGive money back.\n\nid (string): The order's id."


def test_lists_and_code_indented_within_a_component_are_lists_and_code() -> None:
    text = mdx("""
        <Steps>
          <Step title="Install">
            Benefits:
            - fast
            - small

            ```bash
            npm install
              --quiet
            ```
          </Step>
        </Steps>
        """)
    assert text == "Install\n\nBenefits:\n\n- fast\n- small\n\nnpm install\n  --quiet"


def test_a_question_in_an_accordion_is_a_heading() -> None:
    document = parse('## FAQ\n\n<Accordion title="Do you ship abroad?">\n  Yes.\n</Accordion>\n', "faq.mdx")
    assert [(heading.level, heading.title) for heading in document.headings] == [(2, "FAQ"), (3, "Do you ship abroad?")]


def test_a_component_named_in_code_stays() -> None:
    assert mdx('Use `<Slot name="x" />`.\n\n```jsx\n<Card>{a}</Card>\n```') == (
        'Use <Slot name="x" />.\n\n<Card>{a}</Card>'
    )


@pytest.mark.parametrize("source", ["---\ntitle: Gone\n---\n", "![](a.png)", "<!-- nothing -->", "***"])
def test_a_page_without_words_is_empty(source: str) -> None:
    with pytest.raises(EmptyDocument):
        parse(source, "page.md")
