"""`make torture`: every case, what was expected and what was seen. Give case names to run only those. Exit code 1 when one differs."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from flows.ledger.tables import OUTCOMES
from tests.torture.cases import Case, Expected, read_cases
from tests.torture.network import TortureNetwork
from tests.torture.running import SeenCase, Verdict, run_cases, settings_for
from tests.torture.serving import serve


def main(names: list[str]) -> int:
    """Run the cases and print them; 1 when one of them differs from what its file says."""
    cases = [case for case in read_cases() if not names or case.id in names]
    if not cases:
        print(f"no case is called {' or '.join(names)}", file=sys.stderr)
        return 2
    begin = time.monotonic()
    with serve(cases) as press, tempfile.TemporaryDirectory() as folder:
        network = TortureNetwork(press, cases)
        verdicts, summaries = run_cases(press, network, settings_for(press, Path(folder) / "home"), cases)
    for verdict in verdicts:
        print(_told(verdict))
    bad = [verdict for verdict in verdicts if verdict.differences]
    counts = {outcome: sum(verdict.seen[-1].count(outcome) for verdict in verdicts) for outcome in ("seen", *OUTCOMES)}
    adds_up = counts["seen"] == sum(counts[outcome] for outcome in OUTCOMES) and all(summary.counts_add_up for summary in summaries)
    print()
    print(f"{len(verdicts)} cases in {len(summaries)} rounds, {sum(press.requests.values())} requests, {time.monotonic() - begin:.0f} s")
    print(
        f"ledger: {counts['seen']} seen = " + " + ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES[1:] + OUTCOMES[:1]), end=""
    )
    print("  adds up" if adds_up else "  DOES NOT ADD UP")
    if press.overlaps:
        print(f"asked twice at the same time: {', '.join(sorted(press.overlaps))}")
    print(
        f"{len(verdicts) - len(bad)} as expected, {len(bad)} otherwise"
        + (": " + ", ".join(verdict.case.id for verdict in bad) if bad else "")
    )
    return 1 if bad or not adds_up or press.overlaps or network.dialled else 0


def _told(verdict: Verdict) -> str:
    case = verdict.case
    lines = [f"{'FAIL' if verdict.differences else 'ok  '} {case.id}: {case.title} ({', '.join(case.stands_for)})"]
    for number, (expected, seen) in enumerate(zip(case.expect, verdict.seen, strict=True), 1):
        of = f" round {number}" if len(case.expect) > 1 else ""
        lines.append(f"       expected{of}: {_wanted(case, expected)}")
        lines.append(f"       seen{of}:     {_seen(seen)}")
    return "\n".join(lines + [f"       differs: {difference}" for difference in verdict.differences])


def _wanted(case: Case, expected: Expected) -> str:
    states = expected.feeds or {feed.name: expected.feed or "ok" for feed in case.feeds}
    outcomes = [f"{entry.outcome}{f' ({entry.reason})' if entry.reason else ''}" for entry in expected.entries.values()]
    outcomes += [f"{count} {name}" for name, count in expected.counts.items()]
    dates = [f"{entry.published:%Y-%m-%dT%H:%MZ}" for entry in expected.entries.values() if entry.published and entry.published != "none"]
    return _line(states, _grouped(outcomes), dates)


def _seen(seen: SeenCase) -> str:
    outcomes = [f"{entry.outcome}{f' ({entry.reason})' if entry.reason else ''}" for entry in seen.entries.values()]
    dates = list(dict.fromkeys(f"{entry.published:%Y-%m-%dT%H:%MZ}" for entry in seen.entries.values() if entry.published))
    return _line({name: feed.state or "never polled" for name, feed in seen.feeds.items()}, _grouped(outcomes), dates[:6])


def _grouped(items: list[str]) -> list[str]:
    return [item if items.count(item) == 1 else f"{items.count(item)} × {item}" for item in dict.fromkeys(items)]


def _line(states: dict[str, str], outcomes: list[str], dates: list[str]) -> str:
    feeds = f"feed {', '.join(dict.fromkeys(states.values()))}"
    return "; ".join([feeds, ", ".join(outcomes) or "no entries"] + ([" ".join(dates)] if dates else []))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
