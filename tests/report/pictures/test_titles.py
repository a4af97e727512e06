"""What stands above panels: whole where there is room, two lines at most."""

from optbench.report.pictures.panels import titled

LONG = "Characters, a transformer of one block"


def test_a_short_name_takes_one_line_and_no_room():
    assert titled(["digits", "moons"]) == ({"digits": "digits", "moons": "moons"}, 0.0)


def test_a_long_name_takes_two_lines_where_panels_are_narrow():
    titles, room = titled([LONG, "digits", "moons"])
    assert titles[LONG] == "Characters, a transformer of one\nblock"
    assert room > 0
    assert titled([LONG, "digits"]) == ({LONG: LONG, "digits": "digits"}, 0.0)


def test_an_endless_name_is_cut_and_an_empty_one_is_none():
    titles, _ = titled(["", "word " * 40, "x" * 200])
    assert titles[""] == ""
    for text in titles.values():
        lines = text.split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 36
    assert titles["word " * 40].endswith("…")
