import pytest

from levels.questions.markdown import to_html, to_inline_html, to_inline_text, to_text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("*a* **b** `c<d`", "<p><em>a</em> <strong>b</strong> <code>c&lt;d</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("```python\nif a < b:\n    pass\n```", "<pre><code>if a &lt; b:\n    pass\n</code></pre>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        (r"a \* b", "<p>a * b</p>"),
    ],
)
def test_the_subset_becomes_html(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![a](https://example.org/a.png)",
        "<https://example.org>",
        "# heading",
        "> quotation",
        "***\n",
        "[a]: https://example.org\n\n[a]",
        "&lt;b&gt;",
    ],
)
@pytest.mark.parametrize("render", [to_html, to_inline_html])
def test_everything_else_stays_text(render, text):
    html = render(text)
    for markup in ("<script", "<img", "<a", "<h1", "<blockquote", "<hr", "<b>"):
        assert markup not in html


def test_a_language_of_a_code_block_writes_no_attribute():
    assert to_html('```"><script>\nx\n```') == "<pre><code>x\n</code></pre>"


def test_deep_nesting_ends():
    assert len(to_html("- " * 2000 + "x")) < 10_000


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("*a* **b** `c`\nd", "a b c\nd"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("Look:\n\n- a\n- b\n\nEnd", "Look:\n- a\n- b\n\nEnd"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("See\n\n```\n  x = 1\n```", "See\n\n  x = 1"),
        ("```\n  x = 1\n```", "  x = 1"),
    ],
)
def test_plain_text_has_no_markup(text, plain):
    assert to_text(text) == plain


def test_a_choice_is_one_line():
    assert to_inline_html("1. `    x = 1`") == "1. <code>    x = 1</code>"
    assert to_inline_text("1. `    x = 1` *now*") == "1.     x = 1 now"
