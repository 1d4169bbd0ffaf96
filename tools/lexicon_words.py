"""What WordNet lacks, by hand: words for places, quantities, negation, time, and the classes everyday words form.

A class is a name and groups of words. Words of one group may be said of the same thing; words of groups that stand apart
may not. The list is short on purpose: everything else comes from WordNet or stays undecided.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product


@dataclass(frozen=True)
class WordClass:
    """A named class of words.

    Attributes:
        name: What a group of such words is called, in the plural.
        groups: Words separated by commas, one string a group.
        apart: Pairs of group positions that exclude each other; None when all do.
        close: Pairs of words, joined by a tilde, that may overlap although their groups stand apart.
    """

    name: str
    groups: tuple[str, ...]
    apart: tuple[tuple[int, int], ...] | None = None
    close: str = ""

    @cached_property
    def groups_of(self) -> dict[str, frozenset[int]]:
        """Return word -> positions of its groups."""
        members = [(word.strip(), i) for i, group in enumerate(self.groups) for word in group.split(",")]
        return {word: frozenset(i for other, i in members if other == word) for word, _ in members}

    @cached_property
    def _apart(self) -> frozenset[frozenset[int]]:
        pairs = combinations(range(len(self.groups)), 2) if self.apart is None else self.apart
        return frozenset(map(frozenset, pairs))

    @cached_property
    def _close(self) -> frozenset[frozenset[str]]:
        return frozenset(frozenset(pair.split("~")) for pair in self.close.split())

    def excludes(self, a: str, b: str) -> bool:
        """Tell whether two words of the class cannot both be said of the same thing."""
        pairs = product(self.groups_of[a], self.groups_of[b])
        return frozenset({a, b}) not in self._close and all(frozenset(pair) in self._apart for pair in pairs)


UNNAMED = ""
"""Name of classes that serve the judgement only."""

CLASSES = (
    WordClass("left and right", ("left, leftmost, left-hand", "right, rightmost, right-hand")),
    WordClass(
        "places",
        (
            "under, below, beneath, underneath",
            "on, over, above, atop, on top of, onto",
            "beside, next to, near, alongside, close to, adjacent to",
            "behind, in back of",
            "in front of, ahead of",
            "in, inside, inside of, into, within",
            "outside, outside of, out of",
        ),
        ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (1, 6), (2, 5), (3, 4), (3, 5), (4, 5), (5, 6)),
        "over~behind over~near over~beside above~behind over~outside above~outside",
    ),
    WordClass("places", ("top, upper, uppermost", "bottom, lower, lowermost", "middle, center, centre")),
    WordClass("places", ("front", "back, rear")),
    WordClass("places", ("up, upward, upwards, upstairs", "down, downward, downwards, downstairs")),
    WordClass("places", ("indoors, indoor", "outdoors, outdoor")),
    WordClass("directions", ("toward, towards, to", "away from, from")),
    WordClass("directions", ("north, northern", "south, southern", "east, eastern", "west, western")),
    WordClass(
        "quantifiers",
        (
            "all, every, each, both, everything, everyone, everybody",
            "no, none, nothing, nobody, zero, neither",
            "some, several, something, someone, somebody, a few, multiple",
            "many, numerous, lots, lots of, a lot of, plenty of",
            "few, hardly any",
            "most, almost all",
        ),
        ((0, 1), (1, 2), (0, 2), (3, 4), (0, 4), (1, 3), (1, 5), (4, 5), (1, 4)),
    ),
    WordClass(
        "quantifiers",
        ("always", "never", "sometimes, occasionally", "often, usually, frequently"),
        None,
        "always~often",
    ),
    WordClass("quantifiers", ("more", "less, fewer")),
    WordClass("quantifiers", ("whole, entire, full", "half")),
    WordClass(
        "numbers",
        (
            "one, 1, single",
            "two, 2, a couple of, a pair of",
            "three, 3",
            "four, 4",
            "five, 5",
            "six, 6",
            "seven, 7",
            "eight, 8",
            "nine, 9",
            "ten, 10",
            "eleven, 11",
            "twelve, 12, dozen",
            "twenty, 20",
            "hundred, 100",
        ),
    ),
    WordClass(
        UNNAMED,
        (
            "no, zero",
            "a, an, one, the, 1",
            "two, 2, three, 3, four, 4, five, 5, six, 6, seven, 7, eight, 8, nine, 9, ten, 10, eleven, 11, twelve, 12",
            "many, several, numerous, multiple, lots of",
        ),
        ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3)),
        "the~two the~three the~four the~five the~six the~several the~many the~multiple the~2 the~3 the~4",
    ),
    WordClass(UNNAMED, ("many, numerous, lots of, a lot of", "two, 2, three, 3")),
    WordClass("negation", ("with", "without")),
    WordClass(
        "gender words",
        (
            "man, men, boy, boys, he, him, his, himself, male, males, father, dad, son, sons, brother, brothers, husband, king, "
            "prince, gentleman, gentlemen, guy, guys, groom, uncle, grandfather, nephew, mr, sir, actor, waiter, cowboy, "
            "policeman, fireman, fisherman, businessman, lad, bull, rooster",
            "woman, women, girl, girls, she, her, hers, herself, female, females, mother, mom, daughter, daughters, sister, "
            "sisters, wife, queen, princess, lady, ladies, gal, bride, aunt, grandmother, niece, mrs, ms, madam, actress, "
            "waitress, cowgirl, policewoman, businesswoman, lass, hen",
        ),
        None,
        "bull~hen rooster~hen",
    ),
    WordClass(
        "ages",
        (
            "baby, infant, newborn",
            "child, kid, toddler",
            "man, woman, lady, gentleman, adult, grown-up, guy",
            "boy, girl",
        ),
        ((0, 2), (1, 2), (0, 3)),
    ),
    WordClass("ages", ("young, youthful, younger", "old, elderly, older, aged"), None),
    WordClass(
        "sizes",
        (
            "big, large, huge, giant, gigantic, enormous, massive, oversized, bigger, larger",
            "small, little, tiny, miniature, mini, smaller",
        ),
    ),
    WordClass("sizes", ("tall, taller, tallest", "short, shorter, shortest")),
    WordClass("sizes", ("long, longer, longest", "short, shorter, shortest")),
    WordClass(
        "colours",
        (
            "red",
            "blue",
            "green",
            "yellow",
            "orange",
            "purple, violet",
            "pink",
            "brown",
            "black",
            "white",
            "gray, grey",
            "gold, golden",
            "silver",
            "beige, cream",
            "tan",
            "teal, turquoise",
            "maroon",
            "blonde, blond",
            "navy",
        ),
        None,
        "yellow~gold yellow~golden silver~gray silver~grey tan~brown beige~tan cream~white beige~white cream~yellow maroon~red "
        "teal~blue turquoise~blue teal~green turquoise~green blonde~yellow blond~yellow blonde~golden navy~blue beige~brown "
        "golden~brown golden~tan orange~red pink~purple blonde~gold blond~gold cream~tan maroon~brown maroon~purple",
    ),
    WordClass("brightness words", ("light, bright, sunny, lit", "dark, dim, unlit, gloomy")),
    WordClass(
        "materials",
        (
            "wooden, wood",
            "metal, metallic, steel, iron",
            "plastic",
            "glass",
            "stone, concrete, cement",
            "brick",
            "leather",
            "paper, cardboard",
            "rubber",
            "cotton, silk, wool, woolen, cloth, fabric",
            "ceramic, porcelain, marble",
        ),
        None,
        "marble~stone stone~brick ceramic~glass",
    ),
    WordClass("shapes", ("round, circular, oval", "square, rectangular", "triangular"), None),
    WordClass("time words", ("before, prior to", "after, following")),
    WordClass("time words", ("day, daytime, noon, midday", "night, nighttime, midnight")),
    WordClass(
        "time words",
        ("morning, sunrise, dawn", "evening, sunset, dusk, night", "noon, midday", "afternoon"),
        None,
        "evening~afternoon",
    ),
    WordClass("time words", ("yesterday", "today", "tomorrow")),
    WordClass("time words", ("past", "future", "present")),
    WordClass("time words", ("early, earlier", "late, later")),
    WordClass("seasons", ("winter", "summer", "spring", "autumn, fall")),
    WordClass("weekdays", ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")),
    WordClass("ordinal words", ("first", "second", "third", "fourth", "fifth", "last, final")),
    WordClass(
        "weather words",
        ("sunny", "rainy, stormy", "cloudy, overcast", "snowy", "foggy, misty"),
        None,
        "cloudy~foggy rainy~cloudy",
    ),
    WordClass(
        "rooms",
        (
            "kitchen",
            "bathroom, restroom, washroom",
            "bedroom",
            "living room",
            "dining room",
            "office",
            "garage",
            "hallway",
        ),
    ),
    WordClass(
        "vehicles",
        (
            "car, sedan, taxi, cab, van, automobile",
            "bus",
            "truck, lorry",
            "train, locomotive, tram, trolley",
            "boat, ship, ferry, yacht",
            "airplane, plane, jet, aeroplane, helicopter, aircraft",
            "bicycle, bike",
            "motorcycle, motorbike, scooter, bike, moped",
            "tractor",
            "skateboard",
            "wagon, carriage, cart",
        ),
        None,
        "bicycle~bike van~truck bus~van van~bus scooter~skateboard",
    ),
    WordClass("kitchen utensils", ("fork", "knife", "spoon", "chopstick, chopsticks", "spatula", "whisk", "ladle")),
    WordClass(
        "furniture",
        (
            "chair, armchair, stool, seat, recliner",
            "table, desk, counter",
            "bed",
            "couch, sofa, loveseat",
            "bench",
            "shelf, bookshelf, bookcase",
            "dresser, cabinet, cupboard, drawer",
        ),
        None,
        "seat~bench seat~couch shelf~cabinet seat~sofa recliner~couch recliner~sofa bed~couch bed~sofa counter~cabinet",
    ),
    WordClass(
        "dishes and vessels",
        (
            "plate, dish, platter, saucer",
            "bowl, dish",
            "cup, mug",
            "glass",
            "bottle",
            "pot, pan, skillet, wok",
            "vase, jar",
            "basket",
            "bucket",
        ),
        None,
        "cup~glass mug~glass jar~bottle pot~vase dish~bowl dish~plate platter~bowl pan~plate glass~vase glass~bottle pot~bowl pan~dish pan~bowl",
    ),
    WordClass(
        "clothes",
        (
            "shirt, t-shirt, blouse, top, sweater",
            "pants, trousers, jeans, slacks",
            "shorts",
            "skirt, dress, gown",
            "hat, cap, beanie",
            "helmet",
            "tie, necktie, bow tie",
            "shoe, boot, sneaker, sandal",
            "coat, jacket, hoodie, blazer",
            "glove, mitten",
            "glasses, sunglasses, goggles",
            "scarf",
            "sock",
            "suit, tuxedo",
        ),
        None,
        "sweater~coat sweater~jacket sweater~hoodie shirt~jacket suit~jacket suit~blazer top~dress hoodie~shirt",
    ),
    WordClass(
        "actions",
        (
            "sit",
            "stand",
            "lie, lay",
            "walk",
            "run, jog",
            "jump, leap",
            "fly",
            "swim",
            "ride",
            "eat",
            "drink",
            "sleep, nap",
            "throw, pitch, toss",
            "catch",
            "kick",
            "cook",
            "cut, slice",
            "read",
            "write",
            "drive",
            "climb",
            "push",
            "pull",
            "surf",
            "ski",
            "brush",
            "wash, clean",
            "dance",
            "chase",
        ),
        None,
        "lie~sleep lay~sleep ride~drive ride~surf ride~ski jump~fly jump~ski jump~ride run~chase run~catch brush~clean cook~cut kick~run jump~kick fly~ride",
    ),
    WordClass(
        "moods",
        ("happy, smiling, cheerful, joyful", "sad, crying, unhappy", "angry, mad", "scared, afraid", "bored, tired"),
        None,
        "sad~bored",
    ),
    WordClass("states", ("open, opened", "closed, shut")),
    WordClass("states", ("full, filled, crowded", "empty, vacant, deserted")),
    WordClass("states", ("wet, soaked", "dry")),
    WordClass("states", ("clean, tidy", "dirty, messy, filthy")),
    WordClass("states", ("real, live, genuine", "fake, toy, stuffed, artificial, plastic")),
    WordClass("states", ("broken, damaged", "intact, unbroken")),
    WordClass("states", ("asleep, sleeping", "awake")),
    WordClass("states", ("alone", "together")),
    WordClass("states", ("on", "off")),
    WordClass("states", ("win", "lose")),
)

NEGATIONS = frozenset({"no", "not", "never", "without", "none", "nobody", "nothing", "neither", "nor", "cannot"})
"""Adding or dropping one changes the meaning."""

REVERSING = frozenset({"empty", "fake", "imaginary", "missing", "absent", "former", "almost", "unable"})
"""Adjectives and adverbs that undo what they are added to."""

DETERMINERS = frozenset(
    {
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "his",
        "her",
        "its",
        "their",
        "my",
        "your",
        "our",
        "some",
        "very",
    }
)
ARTICLES = frozenset({"a", "an", "the"})

SYMMETRIC = frozenset(
    {
        "and", "or", "with", "near", "next to", "beside", "alongside", ",", ", and", "facing", "meeting", "and also", "as well as",
        "along with", "together with", "close to", "adjacent to", "across from", "opposite", "kissing", "hugging", "marrying",
        "far from", "playing with", "talking to", "talking with", "shaking hands with", "touching", "joined by", "side by side with",
        "like", "resembling", "dancing with",
    }
)  # fmt: skip
"""Relations that hold both ways."""

ASYMMETRIC = frozenset(
    {
        "on", "under", "above", "below", "behind", "over", "beneath", "underneath", "atop", "in", "inside", "into", "onto", "outside",
        "before", "after", "from", "to", "towards", "toward", "for", "than", "left", "right", "front", "top", "against",
        "through", "around", "without", "instead", "of", "off", "up", "down", "by", "at", "across", "along", "between", "while",
    }
)  # fmt: skip
"""Relations that do not hold the other way round; so do verbs with a subject and an object."""

VAGUE = frozenset(
    """thing object item piece slice part bit bunch group lot couple pair kind type sort set side area place scene view picture
    photo photograph image way end spot one other others pile row line stack variety number collection display section edge front
    back top bottom middle corner distance background ground surface air sky piece stuff day time close look shot sight case unit
    be have do get make take go use look seem show display feature contain pose appear enjoy try begin start stay keep remain
    come give put set place leave include prepare work play perform rest hang
    nice pretty beautiful cute good great lovely fancy interesting different various other same single certain several many more
    much own such own some attractive delicious tasty colorful bright plain simple ready adorable busy big
    just very also too quite really""".split()
)
"""Words too vague to differ from others by WordNet's distances alone."""

COMPATIBLE = tuple(
    frozenset(line.split(","))
    for line in """street,road,sidewalk,highway,alley,lane,avenue,path,pathway,trail,walkway,intersection,driveway,crosswalk,track
photo,picture,photograph,image,shot,view,scene
airplane,plane,jet,aircraft,airliner,jetliner
boat,ship,vessel,canoe,kayak,raft,sailboat
field,grass,park,meadow,lawn,pasture,yard,grassland,hill,hillside,garden,enclosure,pen,zoo
beach,shore,sand,ocean,water,sea,coast,lake,river,pond,wave,surf,harbor,pier,dock
hill,mountain,slope,snow,cliff,ridge,mountainside,hillside
forest,wood,woods,tree,bush,plant,branch,jungle,leaf
building,house,home,structure,tower,church,hotel,apartment,store,shop,restaurant
television,tv,screen,monitor,computer,laptop,display
phone,cellphone,telephone,smartphone,cell phone,mobile phone
bag,purse,backpack,handbag,suitcase,luggage,pouch,sack,briefcase,case
cup,mug,glass
plate,dish,tray,platter,bowl
table,desk,counter,countertop,stand
sandwich,burger,hamburger,hot dog,sub
food,meal,dinner,lunch,breakfast,dish,snack,dessert
cake,pastry,dessert,pie,cupcake,bread,muffin
donut,doughnut,pastry,bagel
bathroom,toilet,restroom,washroom
stove,oven,range
refrigerator,fridge,freezer
cat,kitten
dog,puppy
sheep,lamb,goat
cow,bull,calf,cattle,ox,steer
horse,pony
duck,goose,bird
bear,teddy bear,teddy
bear,polar bear
sofa,couch,loveseat
rug,carpet,mat
curtain,drape,blind
mirror,glass
sink,basin
pool,water
racket,racquet,bat
ball,baseball,tennis ball,football,soccer ball
bike,bicycle,motorcycle,motorbike
train,locomotive,engine,subway
truck,van,vehicle
umbrella,parasol
clock,watch
sign,signal,light,traffic light,stop sign
lamp,light
cap,hat
coat,jacket,sweater
shirt,top,jersey,uniform,outfit,suit,dress
pants,jeans,trousers,shorts
surfboard,board,skateboard,snowboard
ski,snow
game,match
court,field
oven,microwave
stick,pole,bat
wall,fence
fence,gate,railing
sitting,resting,laying,lying,parked,seated
standing,posing
stand,pose
walk,stroll,stand
hit,swing
fly,soar,glide
look,stare,gaze,watch,observe
ride,drive,skate,surf,ski
talk,speak,chat
grab,hold,carry,catch,wear,use,bring,take
vegetable,salad,fruit
cookie,cake,biscuit
old,vintage,antique,ancient
happy,smiling
colorful,bright
nice,lovely,pretty,beautiful
shiny,clean
tall,large,big,long,huge
little,short,young,small
busy,crowded
white,snowy
green,grassy,leafy
wooden,brown
fluffy,furry
dirty,muddy
rusty,old""".splitlines()
)
"""Sets of words that may be said of the same thing; never different because of WordNet's distances."""
