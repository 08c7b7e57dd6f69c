"""Names for what is added to a graph."""

from glassbox.graph.builder import Builder


class Counted(set[str]):
    """A set that counts how often it is looked into."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        self.asked += 1
        return super().__contains__(name)


def test_fresh_names_are_found_without_trying_all_before() -> None:
    """A derivative of 5,000 nodes takes 12,000 names of a few stems."""
    taken = Counted({"mul_2", "add"})
    builder = Builder(18, taken)
    names = [builder.fresh("mul") for _ in range(4)] + [builder.nested().fresh("mul"), builder.fresh("add")]
    assert names == ["mul", "mul_3", "mul_4", "mul_5", "mul_6", "add_2"]
    taken.asked = 0
    more = [builder.fresh("mul") for _ in range(500)]
    assert len({*more, *names}) == 506
    assert taken.asked <= 2 * 500
