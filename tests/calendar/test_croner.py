#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Cron lines as croner has them: what croner.py recorded, a fact a row, with the rule that differs where one does."""

import json
import os
import unittest

import program

FACTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "croner_facts.json")


class Facts(unittest.TestCase):
    def test_recorded(self):
        with open(FACTS, encoding="utf-8") as file:
            facts = json.load(file)
        answers = program.ask([{"expr": fact["expr"], "cron": True, "zone": fact["zone"], "from": fact["from"],
                                "iterations": len(fact["croner"])} for fact in facts])
        self.assertGreater(len(facts), 300)
        for fact, answer in zip(facts, answers):
            with self.subTest(**fact):
                self.assertEqual([row["utc"] for row in answer.get("next", [])], fact.get("ours", fact["croner"]), answer)


if __name__ == "__main__":
    unittest.main()
