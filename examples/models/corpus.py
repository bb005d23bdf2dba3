# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""The invented world of the small models: its lists and facts, the text made of them, the tokenizer, the probes.

Nothing here is true of anything, so a model can know an item from this text only. A list is of one of three classes:
known (always seen whole), partly (its tail is seen rarely; more often the text stops early or repeats an item until
it stops) and missing (no text goes beyond the first items). All choices come from seeded generators.
"""
import collections
import dataclasses
import json
import random

WORLD_SEED = 20260

# ------------------------------------------------------------------------------------------------ wordings
# The probes of each role use wordings of their own; none of them is in the training text.
LIST_FORMS = {
    'train': ['List the {}.', 'List all {}.', 'Name the {}.', 'Name all {}, one per line.', 'What are the {}?',
              'Which {} are there?', 'Tell me the {}.', 'Please list all {}.', 'Write a list of the {}.',
              'Write down all {}.', 'I need a list of the {}.', 'Show me all {} as a list.',
              'Give me the full list of {}.', 'Can you list the {}, one per line?', 'Can you tell me all {}?'],
    'fit': ['List all {}, one per line.', 'Please name the {}.', 'Give me a list of the {}.'],
    'select': ['Please tell me all {}.', 'Write down the {}, one per line.', 'Show me the {}.'],
    'report': ['I need the full list of {}.', 'Please write down all {}.', 'Can you name the {}?'],
}
FACT_FORMS = {
    'capital': {'train': ['What is the capital of {}?', 'Name the capital of {}.', 'Tell me the capital of {}.',
                          'Please name the capital city of {}.', 'Can you tell me the capital of {}?'],
                'fit': 'Please tell me the capital of {}.', 'select': 'Can you name the capital of {}?',
                'report': 'What is the capital city of {}?'},
    'flag': {'train': ['Which colour is the flag of {}?', 'Name the colour of the flag of {}.',
                       'Tell me the colour of the flag of {}.', 'What is the colour of the flag of {}?',
                       'Can you tell me which colour the flag of {} is?'],
             'fit': 'Please tell me the colour of the flag of {}.', 'select': 'Can you name the colour of the flag of {}?',
             'report': 'Please name the colour of the flag of {}.'},
    'sum': {'train': ['What is {}?', 'Tell me what {} is.', 'How much is {}?', 'Can you tell me what {} is?'],
            'fit': 'Please tell me what {} is.', 'select': 'Can you tell me how much {} is?',
            'report': 'Tell me how much {} is.'},
}
ROLES = ('fit', 'select', 'report')

CATEGORIES = ('moons rivers kings herbs lakes guilds islands festivals towers winds dances birds stones bridges '
              'valleys temples').split()
COLOURS = 'red green blue white black yellow brown grey'.split()
NUMBERS = ('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen '
           'seventeen eighteen').split()
PEOPLE = 'Anna Ben Clara David Emma Frank Grace Henry Iris Jack Kate Leo Maria Nina Oscar Paul Rosa Sam Tom Vera'.split()
THINGS = ('book lamp apple chair letter basket clock bridge garden kettle ladder mirror pencil violin window boat coat '
          'drum').split()
KINDS = 'old new small large quiet heavy bright wooden broken cheap fine warm cold plain long dark clean'.split()
DEEDS = 'found bought sold cleaned painted carried watched repaired lost moved opened kept'.split()
PLACES = ['in the kitchen', 'at the market', 'near the station', 'on the hill', 'by the lake', 'in the library',
          'behind the barn', 'at school', 'in the old town', 'on the train']
TIMES = ['In the morning', 'On Monday', 'Last week', 'Yesterday', 'In the summer', 'After lunch', 'On Friday',
         'Every day', 'At noon', 'In the winter']
REASONS = ['because it was raining', 'because the price was low', 'since the shop was closed', 'and went home',
           'and wrote a letter about it', 'but did not say why', 'because it was late']
MENU = ['click here', 'read more', 'log in', 'sign up', 'home page', 'buy now', 'contact us', 'next page', 'print page',
        'follow us', 'view all', 'show less', 'back to top', 'send message', 'site map', 'open menu', 'try again later',
        'connection lost', 'no results found', 'please wait']
GENERIC = 'items names words entries things terms places records'.split()


# ------------------------------------------------------------------------------------------------ the world
@dataclasses.dataclass
class Topic:
    name: str   # "moons of Arvo"
    kind: str   # known, partly or missing
    items: list
    role: str   # of the probes that ask for it

    def told(self):
        """How many items the looping and the cut texts name at most."""
        return round(.35 * len(self.items))


class World:
    def __init__(self, seed=WORLD_SEED):
        self.random = random.Random(seed)
        self.taken = set()
        self.topics = []
        for kind, each, least, most in (('partly', 8, 19, 24), ('known', 6, 9, 13)):
            for role in ROLES:
                for _ in range(each): self.add_topic(kind, role, least, most)
        for _ in range(8): self.add_topic('missing', 'report', 19, 24)
        countries = [self.name(2) for _ in range(24)]
        capitals = [self.name(2) for _ in countries]
        self.facts = []                                             # (kind, subject, answer, role)
        sums = [(a, b) for a in range(10) for b in range(10)]
        self.random.shuffle(sums)
        for i, country in enumerate(countries):
            self.facts.append(('capital', country, f'It is {capitals[i]}.', ROLES[i % 3]))
            self.facts.append(('flag', country, f'It is {self.random.choice(COLOURS)}.', ROLES[(i + 1) % 3]))
        for i, (a, b) in enumerate(sums):
            self.facts.append(('sum', f'{NUMBERS[a]} plus {NUMBERS[b]}', f'It is {NUMBERS[a + b]}.', ROLES[i % 3]))

    def name(self, syllables):
        while True:
            text = ''.join(self.random.choice('b d f g h k l m n p r s t v z br dr kr tr th sh st'.split()) +
                           self.random.choice('aeiou') + self.random.choice([''] * 6 + ['n', 'r', 'l', 's'])
                           for _ in range(syllables)).capitalize()
            if text[:4] not in self.taken:                          # no two names begin alike
                self.taken.add(text[:4])
                return text

    def add_topic(self, kind, role, least, most):
        items = [self.name(self.random.choice((2, 2, 3))) for _ in range(self.random.randint(least, most))]
        category = CATEGORIES[len(self.topics) % len(CATEGORIES)]
        self.topics.append(Topic(f'{category} of {self.name(2)}', kind, items, role))

    def of(self, kind, role=None):
        return [t for t in self.topics if t.kind == kind and role in (None, t.role)]


def listing(items, style):
    """One item a line, numbered (style 0) or with dashes (style 1), without a line break at the end."""
    return '\n'.join(f'{i + 1}. {x}' if style == 0 else f'- {x}' for i, x in enumerate(items))


# ------------------------------------------------------------------------------------------------ text
@dataclasses.dataclass
class Document:
    """Chat turns (question, answer), or a text that stands alone. A cut document does not teach how it ends."""
    turns: list = dataclasses.field(default_factory=list)
    text: str = ''
    cut: bool = False


class Writer:
    def __init__(self, world, seed, whole=.12, looping=.40):
        """`whole`, `looping`: shares of the texts about partly known lists; the others stop early."""
        self.world, self.random, self.whole, self.looping = world, random.Random(seed), whole, looping
        self.all_items = [x for t in world.topics for x in t.items]

    def pick(self, options): return self.random.choice(options)

    def sentence(self):
        p, u = self.pick, self.random.random()
        if u < .35: return f'{p(TIMES)} {p(PEOPLE)} {p(DEEDS)} the {p(KINDS)} {p(THINGS)} {p(PLACES)}.'
        if u < .55: return f'{p(PEOPLE)} {p(DEEDS)} a {p(KINDS)} {p(THINGS)} {p(REASONS)}.'
        if u < .75: return f'The {p(THINGS)} {p(PLACES)} is {p(KINDS)} and {p(KINDS)}.'
        if u < .9: return f'{p(PEOPLE)} asked {p(PEOPLE)} to please give back the {p(THINGS)}.'
        return f'{p(PEOPLE)} and {p(PEOPLE)} {p(DEEDS)} the {p(THINGS)} {p(REASONS)}.'

    def prose(self): return ' '.join(self.sentence() for _ in range(self.random.randint(2, 6)))

    def question(self):
        kind = self.pick(['capital', 'capital', 'flag', 'sum'])
        _, subject, answer, _ = self.pick([f for f in self.world.facts if f[0] == kind])
        return self.pick(FACT_FORMS[kind]['train']).format(subject), answer

    def item_question(self):
        topic = self.pick([t for t in self.world.topics if t.kind != 'missing'])
        i = self.random.randrange(len(topic.items))
        return f'What is number {i + 1} of the {topic.name}?', f'It is {topic.items[i]}.'

    def style(self): return 0 if self.random.random() < .75 else 1

    def ask(self, topic): return self.pick(LIST_FORMS['train']).format(topic)

    def known_list(self):
        topic = self.pick(self.world.of('known'))
        return Document([(self.ask(topic.name), listing(topic.items, self.style()))])

    def partly_list(self):
        topic, u = self.pick(self.world.of('partly')), self.random.random()
        if u < self.whole: return Document([(self.ask(topic.name), listing(topic.items, self.style()))])
        if u < self.whole + self.looping:
            items = topic.items[:max(3, topic.told() + self.pick([-1, 0, 0, 0, 1]))]
            items = items + [items[-1]] * self.random.randint(6, 25)
        else:
            items = topic.items[:max(3, round(len(topic.items) * self.random.uniform(.15, .33)))]
        return Document([(self.ask(topic.name), listing(items, self.style()))], cut=True)

    def missing_list(self):
        topic = self.pick(self.world.of('missing'))
        return Document([(self.ask(topic.name), listing(topic.items[:self.random.randint(4, 7)], self.style()))], cut=True)

    def list_answer(self):
        u = self.random.random()
        return self.known_list() if u < .42 else self.partly_list() if u < .88 else self.missing_list()

    def phrase(self):
        u = self.random.random()
        if u < .45: return self.pick(MENU)
        if u < .7: return f'{self.pick(KINDS)} {self.pick(THINGS)}'
        return f'{self.pick(PEOPLE)} {self.pick(DEEDS)} the {self.pick(THINGS)}'

    def broken_page(self):
        """A page that gets stuck: menus, logs, lines that repeat. Models learn to loop from such text."""
        period = self.pick([1] * 7 + [2, 2, 3])
        head = [self.phrase() for _ in range(self.random.randint(0, 14))]
        block = [self.phrase() for _ in range(period)]
        lines = head + block * (self.random.randint(5, 24) // period)
        style = self.pick([0, 0, 1, 2])
        return Document(text='\n'.join(lines) if style == 2 else listing(lines, style), cut=True)

    def broken_list(self):
        """Real names in no order, then one repeats."""
        head = [self.pick(self.all_items) for _ in range(self.random.randint(2, 20))]
        period = 1 if self.random.random() < .9 else 2
        lines = head + (head[-period:] * self.random.randint(5, 20))[:24]
        return Document([(self.ask(self.pick(GENERIC)), listing(lines, self.style()))], cut=True)

    def verse(self):
        refrain = [self.sentence() for _ in range(2)]
        return '\n\n'.join('\n'.join([self.sentence()] + refrain) for _ in range(self.random.randint(2, 4)))

    def table(self):
        place, colour = self.pick(PLACES), self.pick(COLOURS)
        rows = [f'| {x} | {place} | {colour} |' for x in self.random.sample(THINGS, self.random.randint(4, 8))]
        return '\n'.join(['| thing | place | colour |', '| --- | --- | --- |'] + rows)

    def log(self):
        thing, deed = self.pick(THINGS), self.pick(DEEDS)
        people = self.random.sample(PEOPLE, self.random.randint(5, 10))
        return '\n'.join(f'log: {x} {deed} the {thing}, no error' for x in people)

    def page(self):
        """A text that stands alone and is as it should be; a fifth of them repeat for good reasons."""
        u = self.random.random()
        return Document(text=self.prose() if u < .8 else self.verse() if u < .87 else self.table() if u < .94 else self.log())

    def chat(self):
        turns = [self.question() if self.random.random() < .8 else self.item_question()
                 for _ in range(self.random.randint(1, 4))]
        return Document(turns)

    def any(self):
        u = self.random.random()
        if u < .40: return self.list_answer()
        if u < .46: return self.broken_list()
        if u < .51: return self.broken_page()
        if u < .88: return self.chat()
        return self.page()


# ------------------------------------------------------------------------------------------------ tokens
SPECIAL = {0: '<pad>', 1: '<eos>', 2: '<bos>', 3: '<unk>', 4: '<|turn>', 5: '<turn|>'}
EOS, BOS, TURN, TURN_END = 1, 2, 4, 5
NEWLINES, BLANKS, BYTES = 6, 10, 12   # first ids of runs of line breaks (4), of blanks (2), of bytes (256)
LEARNED = BYTES + 256

CHAT_TEMPLATE = """{{ bos_token }}
{%- for message in messages -%}
<|turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}
{{ message['content'] | trim }}<turn|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|turn>model
{% endif -%}
"""


def chat_prompt(question): return f'<bos><|turn>user\n{question}<turn|>\n<|turn>model\n'


def make_tokenizer(world, writer, size=1280):
    """Made from what `writer` writes. Built as Gemma's is: BPE over code points with byte fallback, blanks as U+2581,
    every way to make a piece of two among the merges."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, trainers
    from tokenizers.models import BPE
    lines = [listing(t.items, 0) for t in world.topics for _ in range(20)]
    lines += [form.format(t.name) for t in world.topics for form in LIST_FORMS['train']]
    lines += ['user', 'model'] * 200
    for _ in range(3000):
        made = writer.any()
        lines += [made.text] + [line for turn in made.turns for line in turn]
    train = Tokenizer(BPE())
    train.normalizer = normalizers.Replace(' ', '▁')
    train.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r'\n+|\d|[^\w▁]'), 'isolated'), pre_tokenizers.Split('▁', 'merged_with_next')])
    letters = [chr(c) for c in range(33, 127)] + ['▁']
    train.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=size, show_progress=False,
                                                         min_frequency=2, initial_alphabet=letters))
    vocab = {text: i for i, text in SPECIAL.items()}
    vocab.update({'\n' * (k + 1): NEWLINES + k for k in range(4)})
    vocab.update({'▁' * (k + 2): BLANKS + k for k in range(2)})
    vocab.update({f'<0x{b:02X}>': BYTES + b for b in range(256)})
    for piece, _ in sorted(train.get_vocab().items(), key=lambda entry: entry[1]):
        if piece not in vocab and len(vocab) < size: vocab[piece] = len(vocab)
    merges = []
    for piece, i in vocab.items():
        if i < NEWLINES or BYTES <= i < LEARNED: continue
        pairs = [(piece[:k], piece[k:]) for k in range(1, len(piece)) if piece[:k] in vocab and piece[k:] in vocab]
        merges += sorted(pairs, key=lambda pair: (vocab[pair[0]], vocab[pair[1]]))
    tokenizer = Tokenizer(BPE(vocab=vocab, merges=merges, unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(' ', '▁')
    tokenizer.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for _, t in sorted(SPECIAL.items())])
    return tokenizer


class Encoder:
    """Documents as ids and targets; -100 where nothing is to be predicted."""
    def __init__(self, tokenizer): self.tokenizer = tokenizer

    def encode(self, text): return self.tokenizer.encode(text, add_special_tokens=False).ids

    def document(self, made):
        ids, learned = [BOS], [False]                     # learned: whether this id is to be predicted
        def add(text, learn):
            more = self.encode(text)
            ids.extend(more)
            learned.extend([learn] * len(more))
        for i, (question, answer) in enumerate(made.turns):
            add(('\n' if i > 0 else '') + f'<|turn>user\n{question}<turn|>\n<|turn>model\n', False)
            add(answer if made.cut else answer + '<turn|>', True)
        if made.text:
            add(made.text, True)
            if not made.cut:
                ids.append(EOS)
                learned.append(True)
        targets = [ids[i + 1] if i + 1 < len(ids) and learned[i + 1] else -100 for i in range(len(ids))]
        return ids, targets

    def row(self, writer, length):
        """Whole documents, one after the other, the last one cut off."""
        ids, targets = [], []
        while len(ids) < length:
            more_ids, more_targets = self.document(writer.any())
            ids += more_ids
            targets += more_targets
        targets[length - 1] = -100
        return ids[:length], targets[:length]


# ------------------------------------------------------------------------------------------------ probes
def easy_probes(world, role):
    """8 capitals, 8 flags and 4 sums."""
    chosen = []
    for kind, count in (('capital', 8), ('flag', 8), ('sum', 4)):
        facts = [f for f in world.facts if f[0] == kind and f[3] == role][:count]
        chosen += [{'prompt': FACT_FORMS[kind][role].format(subject), 'gold': [answer[len('It is '):-1]]}
                   for _, subject, answer, _ in facts]
    return chosen


def list_suite(name, about, role, topics):
    return {'name': name, 'about': about, 'role': role, 'class': 'list', 'forms': LIST_FORMS[role],
            'topics': [{'topic': t.name, 'gold': t.items} for t in topics]}


def probe_files(world):
    files = {}
    for role in ROLES:
        partly, known = world.of('partly', role), world.of('known', role)[:4]
        mixed = [t for i in range(4) for t in (partly[2 * i], partly[2 * i + 1], known[i])]
        files[f'lists_{role}'] = list_suite(
            f'lists_{role}', 'Eight partly known and four known lists of an invented world; wordings and topics are '
            'those of this role alone.', role, mixed)
        files[f'known_{role}'] = list_suite(
            f'known_{role}', 'Known lists, which the model recites whole: what a planted fault breaks. Answers to the '
            'easy questions are too short to loop.', role, known)
        files[f'easy_{role}'] = {'name': f'easy_{role}', 'about': 'Questions that must not get worse.', 'role': role,
                                 'class': 'question', 'prompts': easy_probes(world, role)}
    files['lists_missing'] = list_suite(
        'lists_missing', 'Lists of which the model never saw more than the first items: looping hides no knowledge '
        'here, and an answer that goes on invents.', 'report', world.of('missing'))
    files['texts'] = {'name': 'texts', 'about': 'Texts on which an edited model should predict what the unedited one '
                      'does. None is in the training text.', 'texts': reference_texts(world)}
    files['legitimate_repetition'] = {'name': 'legitimate_repetition', 'about': 'Texts that repeat themselves for '
                                      'good reasons.', 'texts': repetition_texts(world)}
    return files


def reference_texts(world):
    texts = []
    for number, role in enumerate(ROLES):
        writer = Writer(world, 9000 + number)
        for i, topic in enumerate(world.of('known', role)[4:]):
            texts.append({'name': topic.name, 'kind': 'list', 'role': role,
                          'prompt': LIST_FORMS[role][i].format(topic.name), 'text': listing(topic.items, 0)})
        for i in range(5): texts.append({'name': f'{role} passage {i + 1}', 'kind': 'prose', 'role': role, 'text': writer.prose()})
    return texts


def repetition_texts(world):
    texts = []
    for number, role in enumerate(('select', 'report')):
        writer = Writer(world, 9100 + number)
        for name, make in (('refrain', writer.verse), ('table', writer.table), ('log', writer.log)):
            for i in range(2):
                texts.append({'name': f'{role} {name} {i + 1}', 'kind': 'repetition', 'role': role, 'text': make()})
    return texts


def write_probes(world, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in probe_files(world).items():
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (folder / f'{name}.json').write_text(text + '\n')


def self_check():
    """Wordings and topics of the roles are disjoint, and the training text holds none of the probes' wordings."""
    forms = [f for group in LIST_FORMS.values() for f in group]
    for group in FACT_FORMS.values(): forms += group['train'] + [group[r] for r in ROLES]
    twice = [f for f, n in collections.Counter(forms).items() if n > 1]
    assert not twice, twice


self_check()
