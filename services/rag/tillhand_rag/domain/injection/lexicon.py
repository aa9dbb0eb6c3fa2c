"""The words by which a request is known, as classes: what it asks for, how it begins, what it is to give back."""

from __future__ import annotations

ASKING = frozenset(
    "advise analyse analyze answer argue assess brainstorm calculate caption categorise categorize cite clarify "
    "classify compare compile compose compute conclude contrast convert correct count craft critique debate "
    "decipher decode decrypt deduce define demonstrate derive describe detect determine diagnose discuss draft "
    "elaborate encode encrypt enumerate estimate evaluate examine explain explore express forecast formulate "
    "generate give guess help highlight identify illustrate imagine improvise infer interpret invent justify "
    "list mention name narrate outline paraphrase portray predict present pretend propose prove provide quote "
    "rank read recap recite recommend rephrase reply research respond retell reveal rewrite roleplay say share "
    "simulate sing sketch solve speak spell state suggest summarise summarize teach tell think trace transcribe "
    "translate tutor unscramble write".split()
)
"""Verbs that ask for words in return."""
DEEDS = frozenset(
    "approve ask assign begin block book break bring build buy call cancel check create delete deliver design "
    "develop disclose download email execute fetch find finish forward get grant invite keep leak let locate "
    "look make mark open order pay perform plan play post print produce promote publish purchase put record "
    "remember remove report request retrieve review run save schedule score search send show start stop submit "
    "talk transfer try unlock update upload verify visit withdraw".split()
)
"""Verbs that ask for a deed, of a reader as well as of an agent."""
MANUAL = frozenset(
    "choose clear click close configure confirm copy deselect disable drag drop edit enable enter expand export "
    "fill follow go hover import install log navigate paste press repeat return scroll see select set sign "
    "specify tap toggle type view wait".split()
)
"""Verbs that are a manual's own."""
RESHAPING = frozenset(
    "add adjust alter alternate append apply attach augment avoid blend boost capitalise capitalize change "
    "combine complement compress cover disguise display embed emphasise emphasize end enhance enlarge enrich "
    "ensure extend flip format group hint include incorporate inject insert integrate intersperse introduce "
    "invert jumble limit mask merge misspell modify mutate obfuscate omit output pad phrase place precede "
    "prefix prepend preface promise randomise randomize rearrange reformat render reorder replace restrict "
    "reverse rotate scramble separate shift shorten shuffle slip sprinkle strip style substitute supplement "
    "swap switch tease transform transliterate turn use utilise utilize weave wrap".split()
)
"""Verbs that change what is being written."""
VERBS = ASKING | DEEDS | MANUAL | RESHAPING
INTERROGATIVES = frozenset("how what what's whats when where which who who's whom whose why".split())
AUXILIARIES = frozenset(
    "am are can could did do does did has have is may might shall should was were will would".split()
)
"""Verbs that begin a question."""
NO_OBJECT = frozenset("and are can had has have is may must of or should than was were will would".split())
"""What follows a noun, but no verb that begins a request."""
OBJECTS = frozenset(
    "a all an any as at by each every for from her his in into it its me my no on one only our some that the "
    "their them these this those to up us using with your".split()
)
"""What often follows such a verb."""
NO_VERB = OBJECTS | frozenset(
    "also although and because before both but he here how however i if many not of once or other she since so "
    "such than then there they though under unless until upon we what when where which while who why within "
    "without you yes thanks thank".split()
)
"""Words that begin a statement."""
FRAMING = frozenset(
    "additionally ai also and assistant but chatbot dear finally first hello hey hi important just kindly "
    "lastly moreover next note now ok okay please ps remember second simply so then therefore third urgent well".split()
)
"""What may stand before the verb of a request."""
OUTPUTS = frozenset("answer answers completion completions output outputs reply replies response responses".split())
"""What a language model gives back, in the words of those who speak to one."""
HANDLING = frozenset(
    "attach cancel check copy delete edit enter open paste post read save see send share submit type update upload "
    "view".split()
)
"""What people do with answers of their own."""
TEXTS = frozenset(
    "essay explanation explanations message messages sentence sentences summary summaries text texts "
    "translation words writing".split()
)
"""What is given back, in words that shops and forms use for other things, too."""
CODES = frozenset(
    "algorithm app application code codebase function implementation program project script solution".split()
)
"""What a programmer's assistant writes."""
MACHINES = frozenset(
    "ai assistant assistants bot chatbot chatgpt claude copilot gpt gemini llama llm llms model prompt".split()
)
WORKS = frozenset(
    "advice argument article biography blog book caption code command comparison dialogue essay example "
    "examples explanation fact facts function guide haiku headline idea ideas insight insights introduction "
    "itinerary joke letter limerick lyrics movie movies novel outline overview paragraph plan poem program quiz "
    "recipe regex review riddle scene script sentiment slogan solution song sonnet speech story strategy "
    "summary tagline tips tutorial tweet".split()
)
"""What a language model is asked to make or to speak of."""
FORMS = frozenset(
    "alphabet anagram anagrams backward backwards base32 base64 capitals cipher consonant consonants emoji "
    "emojis hex hexadecimal language letters lowercase morse reverse rhyme rhymes rot13 spelling typos "
    "uppercase vowel vowels".split()
)
"""How it is asked to put it."""
PERSONS = frozenset("i it me my our these this us we you your".split())
"""Words that say who speaks, and to whom."""
