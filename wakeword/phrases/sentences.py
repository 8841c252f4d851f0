"""Generate everyday sentences, like those spoken near a device but not to it.

Those of English are made from patterns. Those of other languages are strings of frequent words, with the length and
the punctuation of sentences, so that voices speak them in clauses; they make no sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from wakeword.phrases.language import EN_US, Language
from wakeword.phrases.lexicon import lexicon

_PATTERNS = """
did you {do} before {time}?
I think {someone} {did} {time}.
could you {do} for me, please?
{someone} said that {thing} {was} {quality}.
we should {do} and then {do}.
there is {thing} near {place}.
why is {thing} always so {quality}?
I can't find {thing} anywhere, have you looked near {place}?
{time} we are going to {town} with {someone}.
my {relative} {did}, and nobody noticed.
put {thing} back near {place} when you are done.
if it rains {time}, we can {do} instead.
that was the most {quality} {noun} I have ever seen.
{number} of them were {quality}, and the rest went to {someone}.
do you want {food} or {food} for dinner?
the train to {town} leaves at {clock}.
it takes about {number} minutes to {do}.
I told {someone} to {do}, but it was too late.
who left {thing} beside {place}?
she bought {number} {plural} and a bag of {food}.
{someone} called {time} about {thing}.
not now, I have to {do} first.
you know what, {thing} would look better near {place}.
the doctor says {someone} should {do} more often.
how much did you pay for {thing}?
can we please {do} {time}?
they found {thing} behind {place}.
he used to {do} every {day}.
on {day} I {did} with my {relative}.
{food} again? we had that {time}.
nobody told me that {someone} {did}.
it was {quality} at first, then it became rather {quality}.
what happened to {thing} that stood near {place}?
turn left after the bridge, then it is the {ordinal} house.
the meeting is at {clock}, and {someone} is bringing {food}.
sorry, I didn't mean to {do}.
my {relative} lives in {town}, near the old market.
have a look at {thing}, it seems {quality} to me.
for {number} weeks they tried to {do}.
{someone} is learning to {do}, which is harder than it sounds.
in the end {someone} {did}, and everyone went home.
I would rather {do} than {do}.
the weather in {town} was {quality} {time}.
let's ask {someone} whether {thing} is still {quality}.
last year {number} people {did}.
watch out, {thing} is {quality}.
first you {do}, then you wait for {number} minutes.
the neighbours {did} until {clock}.
was it {someone} or my {relative} who {did}?
as far as I know, {thing} belongs to {someone}.
thank you for {thing}, it really is {quality}.
maybe {time}, if {someone} has finished with {thing}.
"""

_SLOTS = {
    "someone": """my brother|the teacher|Martin|Susan|our neighbour|her boss|Mister Parker|the plumber|Rachel|Tom
        my cousin Peter|the new girl|grandfather|the driver|Caroline|Omar|Doctor Singh|the postman|Isabel|your friend
        the landlord|Hannah|Victor|the cook""",
    "relative": "sister|uncle|mother|nephew|daughter|grandmother|father|aunt|son|wife|husband|niece",
    "thing": """the red umbrella|that box of letters|the kitchen window|my other shoe|the big map|your blue jacket
        the broken lamp|a stack of plates|the garden hose|this old radio|the spare key|the second chapter|a loose wire
        the front wheel|that recipe|the water bill|the green sofa|his guitar|a pair of scissors|the newspaper
        the charger|the washing machine|her notebook|the coffee pot|a parcel|the ladder|the fridge door|my wallet""",
    "noun": "garden|film|goal|sunset|kitchen|holiday|bridge|speech|cake|storm|painting|match|journey|building",
    "plural": "chairs|tickets|candles|buttons|apples|stamps|notebooks|cups|towels|batteries|postcards|pencils",
    "place": """the top shelf|the garage|the hall|the cupboard|the back seat|the bathroom|the table by the door|the roof
        the drawer|the basement|the corner|the balcony|the office|the garden shed|the windowsill|the attic""",
    "do": """wash the car|call the bank|feed the cat|read the report|paint the fence|book a table|change the sheets
        water the plants|fix the printer|pick up the children|cut the grass|write to the council|take out the rubbish
        walk along the river|count the money|boil some eggs|learn French|move the piano|clean the oven|sell the boat
        stand in line|practise the song|borrow a drill|catch the early bus|pack the suitcases|stay at home
        measure the room|look after the dog|finish the puzzle|cross the street""",
    "did": """lost the tickets|sang in the choir|won the second round|forgot the appointment|bought a motorbike
        slept through the film|repaired the roof|moved to the coast|burned the toast|missed the bus|told the whole story
        painted the hallway|found a job|dropped the vase|signed the letter|changed the locks|cooked for everyone
        argued about the bill|ran a marathon|gave up smoking|fell off the horse|turned down the offer""",
    "was": "was|seemed|looked|must have been|wasn't",
    "quality": """heavy|strange|expensive|too short|quite boring|lovely|dangerous|empty|wonderful|broken|rather small
        ready|noisy|wet|beautiful|cheap|sticky|full of holes|useful|cold|much better|dusty|bright|hard to open""",
    "time": """tomorrow|yesterday evening|next week|this morning|on Friday|at the weekend|a month ago|after lunch
        in the summer|last night|before breakfast|in about an hour|every other day|by the end of the month""",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "town": "Bristol|Chicago|the city|Dublin|Toronto|the seaside|Vienna|Boston|the village|Lisbon|Leeds|Denver",
    "clock": "half past seven|noon|quarter to nine|twenty past three|eleven|six in the morning|ten to four|midnight",
    "number": "two|three|seven|nine|eleven|fourteen|twenty|thirty five|sixty|a hundred|four hundred|a few|a dozen",
    "ordinal": "second|third|fourth|fifth|sixth|last",
    "food": """rice|tomato soup|pancakes|grilled fish|bread and cheese|noodles|roast chicken|salad|mushrooms|porridge
        potatoes|a slice of pie|strawberries|lentils|sausages""",
}


_FREQUENT = 3_000  # words in strings
_CLAUSE = (3, 7)  # words in a clause: at least, and fewer than
_MOST_CLAUSES = 2
_ENDS = {".": 0.7, "?": 0.2, "!": 0.1}


def sentences(seed: int = 0, language: Language = EN_US) -> Iterator[str]:
    """Yield random sentences without end, no two alike; a seed always gives the same."""
    rng = np.random.default_rng(seed)
    made = _patterned(rng) if language.is_english else _strings(rng, language)
    used = set()
    for text in made:
        if text not in used:
            used.add(text)
            yield text[0].upper() + text[1:]


def _patterned(rng: np.random.Generator) -> Iterator[str]:
    patterns = _PATTERNS.strip().splitlines()
    slots = {name: re.split(r"\||\n\s*", choices) for name, choices in _SLOTS.items()}
    while True:
        pattern = patterns[int(rng.integers(len(patterns)))]
        yield re.sub(r"{(\w+)}", lambda slot: str(rng.choice(slots[slot[1]])), pattern)


def _strings(rng: np.random.Generator, language: Language) -> Iterator[str]:
    words = list(lexicon(language))[:_FREQUENT]
    weights = 1 / np.arange(10, len(words) + 10)  # Zipf's law, with the most frequent words less often
    weights /= weights.sum()
    between = " " if language.spaced else ""
    while True:
        clauses = [
            between.join(rng.choice(words, int(rng.integers(*_CLAUSE)), replace=False, p=weights))
            for _ in range(int(rng.integers(1, _MOST_CLAUSES + 1)))
        ]
        yield f"{', '.join(clauses)}{rng.choice(list(_ENDS), p=list(_ENDS.values()))}"
