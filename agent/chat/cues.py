"""The words by which questions are read without a model: what speaks for which kind of question, and how loudly.

A line is a weight and the words that have it. Words stand in several kinds; what is added up decides.
"""

from enum import StrEnum


class Ask(StrEnum):
    """The kinds of question that are answered without a model."""

    FAILED = "what failed"
    SURE = "how sure"
    SHOW = "show me"
    WHY = "why"
    HOLDS = "does it hold for"
    CONFUSES = "does it confuse"
    COST = "what did it cost"
    UNSEEN = "what was not looked at"
    JUDGED = "how was it judged"
    COMPARE = "compare with the last audit"
    KNOWN = "what is known from earlier"
    TEXTS = "compare two texts"
    NEAR = "neighbours of a text"
    PAINT = "paint"
    LANDSCAPE = "where it fails, by what is changed"
    QUEUE = "test later"
    AUDIT = "start another audit"
    HELP = "what can be asked"


CUES = {
    Ask.FAILED: """
        4 find wrong broken bad
        4 summary summarize summarise overview weakness weaknesses
        3 fail failed fails failure failures found findings result results proven problem problems
        3 weak issues bugs discovered discover confirmed outcome verdicts
        2 finding proved learn learned list
        1 all what which
    """,
    Ask.SURE: """
        7 p-value pvalue
        6 sure certain certainty confident confidence luck lucky coincidence significant significance
        5 chance accident statistically statistical reliable trust trustworthy interval alpha odds probability
        5 solid noise
        4 statistics likely strong robust alarm margin doubt
        3 false
        2 error
        1 how
    """,
    Ask.SHOW: """
        6 example examples
        5 show instance instances pictures display demonstrate illustrate
        4 picture images cases view pairs sample samples concrete
        3 image see case pair photo
        2 look give texts sentences
        1 me
    """,
    Ask.WHY: """
        6 why explain explanation
        5 conclusion conclude
        5 reason reasons believe evidence justify grounds proof
        4 refuted rejected dropped discarded inconclusive undecided unproven convinced supports
        3 because prove open think
        2 makes say come
        1 how
    """,
    Ask.COST: """
        7 cost costs
        6 money dollar dollars usd spend spent expensive price paid pay tokens duration
        5 budget minutes hours cheap bill seconds
        4 long time calls took
        3 take much
        2 left
        1 how
    """,
    Ask.UNSEEN: """
        6 unseen untested coverage overlooked unexplored limitations limitation gaps gap skipped unchecked
        5 cover covered missed missing blind skip ignored omitted
        4 miss looked explored remain remains remaining examined
        3 check anything
        3 limits look never didn't didnt wasn't wasnt
        2 not checked tested left out else yet
        1 what
    """,
    Ask.JUDGED: """
        7 judged criterion criteria methodology
        6 judge judges judging threshold method validity calibrated calibration
        5 counts
        5 decided decide measured measure definition defined agreement procedure
        4 valid bar rules
        3 who
        2 count work works how test means tested
        1 mean
    """,
    Ask.COMPARE: """
        6 compare compared comparison regressed regression regressions improved improvement
        5 previous changed changes better worse versus vs
        4 last change difference differences since prior
        3 earlier before audit audits against
        2 new other old run
        1 with
    """,
    Ask.KNOWN: """
        6 memory remember remembered history recall
        5 know known past previously
        4 earlier before
        3 already ever
        2 target audits
        1 model about other
    """,
    Ask.NEAR: """
        7 neighbours neighbors
        6 nearest neighbour neighbor closest
        5 near similar
        4 close
        3 around
        2 next
    """,
    Ask.PAINT: """
        7 paint
        6 draw generate render
        4 painted
        3 imagine
        2 picture image
    """,
    Ask.LANDSCAPE: """
        8 landscape
        6 explorer exploration
        5 worst condition conditions heatmap severest
        4 hardest easiest best level levels
        3 explored where most class classes label labels topic topics
        5 often
        2 fail fails rate
        1 which what how
    """,
    Ask.QUEUE: """
        7 queue enqueue
        6 schedule
        5 later overnight
        4 add hypothesis waiting resume
        3 put
        2 next list test
    """,
    Ask.AUDIT: """
        6 launch
        5 start begin
        4 another audit
        3 new run fresh kick
    """,
    Ask.HELP: """
        7 help
        6 commands usage
        5 options questions
        4 ask able
        1 can you what do
    """,
}
"""Kind of question to lines of words, each with its weight in front."""

_PREPOSITIONS = """for fro of with on in to when among if where about at inside around against across"""
PREPOSITIONS = frozenset(_PREPOSITIONS.split())
"""What may stand between "does it hold" and what it is to hold for; one of them as fingers slip."""

_HOLDING = """hold holds held true happen happens apply applies occur occurs same fail fails failing failed break breaks
    work works valid case persist persists go goes extend extends generalise generalises generalize
    generalizes present matter"""
HOLDING = frozenset(_HOLDING.split())
"""Verbs that ask whether something is so for a part of the inputs."""

_COMMON = """a an the is are was were does do did be been has have had and or not no yes who whom whose which what when
    where why how much many more most some any each every i you we he she my your our their its also too
    there here then than just very really only please tell ask asked does doesn't don't isn't can't if so as
    by from at into"""
COMMON = frozenset(_COMMON.split())
"""Words that say nothing, known so that they are not taken for slips of others."""
