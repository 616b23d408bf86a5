"""A made-up county at work, over Qidong's real divisions: what a newcomer sees after `make run`.

One generator decides everything (chance), words and papers are nobody's (words, papers). places → staff → households
are made in memory, registry writes them; contacts are what became of the weeks' plans, faults what went wrong with
some of them, records stores them; money settles the months. county does these in their order.
"""

from visitcare.console.demo.county import DemoRefused, accounts, load_demo

__all__ = ["DemoRefused", "accounts", "load_demo"]
