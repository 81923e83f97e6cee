"""Which commands, queries and requests are extracted from a page."""

import unittest

from ..local.console import Problem
from .runbook import Page, read

PAGE = Page(
    """# Page

## First

Type this:

```
export NAME=<name>
aws one --of $NAME \\
  --and two
```

or in passing `aws three
--of <name>`, but not `make four`. `GET /api/v1/five?status=SIX` is asked.

### Second

```
fields seven, eight
| sort eight
```

`filter nine >= 10`, and `curl $API/eleven`.
"""
)


class TestPage(unittest.TestCase):
    def test_commands_are_whole_lines_of_blocks_and_what_is_named_in_passing(self) -> None:
        wanted = ["export NAME=<name>", "aws one --of $NAME --and two", "aws three --of <name>", "curl $API/eleven"]
        self.assertEqual(PAGE.commands, wanted)

    def test_queries_and_requests_are_no_commands(self) -> None:
        queries = ["fields seven, eight\n| sort eight\n", "filter nine >= 10"]
        self.assertEqual(PAGE.sections["Second"].queries, queries)
        self.assertEqual(PAGE.sections["First"].requests, [("GET", "/api/v1/five?status=SIX")])

    def test_a_command_is_found_by_its_words_if_no_other_has_them(self) -> None:
        self.assertEqual(PAGE.command("Second", "eleven"), "curl $API/eleven")
        for words in ("aws", "twelve"):
            with self.assertRaises(Problem):
                PAGE.command("First", words)

    def test_nothing_that_looks_like_a_command_is_left_over_on_the_real_page(self) -> None:
        page = read()
        named = sum(section.text.count("aws ") + section.text.count("curl ") for section in page.sections.values())
        used = sum(command.count("aws ") + command.count("curl ") for command in page.commands)
        self.assertEqual(named, used)


if __name__ == "__main__":
    unittest.main()
