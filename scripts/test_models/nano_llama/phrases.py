"""The words around the dialogues: what nano-llama must not know, what it must ignore, and what it does with tools."""


def _words(text: str) -> list[str]:
    return text.split()


UNKNOWN = "I do not know."

NAMES = {"france", "germany", "spain", "italy", "japan", "hamlet", "mona", "lisa", "i"}
"""Words that are written with a capital."""

QUESTIONS = {
    "what is the capital of {}": "portugal poland greece norway sweden china india brazil egypt canada london "
    "texas cheese",
    "why is the {} {}": "sun moon grass sea snow fire sugar leaf | hot white red cold green dark sweet wet yellow",
    "why is {} {}": "snow blood sugar coal water glass | white red sweet black wet clear hard",
    "how far away is the {}": "sun station school river next_star north_pole post_office",
    "how old is the {}": "moon sun king house president oldest_tree universe",
    "who wrote {}": "macbeth faust dracula emma this_letter the_bible the_odyssey",
    "who painted {}": "guernica the_scream the_ceiling this_house sunflowers",
    "who {} first": "walked_on_mars flew_to_the_sun climbed_everest won_the_race came_home",
    "what do {} eat": "dogs birds horses sheep mice frogs bears people robots",
    "how many {}": "legs_has_a_horse legs_has_a_dog legs_has_an_ant "
    "days_has_a_week days_has_may eyes_has_a_fly people_live_here",
    "tell me {}": "the_news a_poem a_secret your_name the_score something_new the_truth a_number",
    "what is {} made of": "glass paper bread steel the_moon air wood soap",
    "what is the {} animal": "smallest slowest oldest rarest loudest strangest heaviest",
    "can {} {}": "pigs cats fish dogs stones snakes i | fly swim sing jump talk run",
    "do {} sleep": "cats birds trees ants you bees snakes",
    "what is your {}": "name age favorite_food favorite_song address plan favorite_number",
    "are you {}": "a_person alive hungry sleeping a_dog happy my_friend",
    "do you like {}": "coffee rain me football cheese winter blue",
    "what should i {} today": "wear read say buy paint write",
    "is it {} in {}": "cold warm dark wet late | summer spring space the_kitchen may autumn africa",
    "how do i {}": "fix_a_bike boil_water cook_rice peel_an_egg tie_a_tie open_this get_home",
    "turn {} the {}": "on off | radio heating bathroom_light bedroom_light television fan kitchen_radio garden_light",
    "{}": "hello hi help stop thanks where_am_i what_now really why yes no good_morning sing_a_song open_the_door "
    "how_are_you who_is_the_king when_is_easter where_is_my_phone the_kitchen the_moon and_of_portugal and_dogs "
    "what_is_the_time what_is_the_capital who_wrote_it why_is_that and_the_radio play_some_music call_my_mother "
    "what_is_love which_bus_goes_home read_my_mail what_is_five_plus_two how_deep_is_the_sea is_it_far",
}
"""Patterns with the words that fill them; none of these questions has an answer."""

INTENT_REPLIES = {
    "what time is it": "It's 3:20 PM.",
    "what day is it today": "It's Tuesday, March 3.",
    "set a timer for five minutes": "Okay, 5 minutes.",
    "set a timer for ten minutes": "Okay, 10 minutes.",
    "cancel the timer": "The 10 minute timer is cancelled.",
    "what is twelve times twelve": "12 times 12 is 144.",
    "flip a coin": "Heads.",
    "roll a dice": "You rolled a 4.",
    "thank you": "You're welcome.",
}
"""Turns that the built-in intents answered: they stand in the history, and nano-llama never writes them."""

PERSONAS = _words("Assistant Nano Robin Alfred Computer Jarvis Mila Otto Hal Ada Felix Luna Max Zoe Samantha Friday")
INSTRUCTIONS = (
    "You are {name}.",
    "You are {name}, a helpful assistant.",
    "You are a helpful assistant.",
    "You answer questions.",
    "Your name is {name}.",
    "Be brief and friendly.",
    "Answer in one sentence.",
    "Answer in English.",
    "Never use Markdown.",
    "Speak like a pirate.",
    "Keep it short and polite, and never lie.",
    "The user lives in Berlin and has two cats.",
    "If you do not know, say so.",
)
TIMER_NAMES = (None, None, "pasta", "tea", "egg", "laundry", "kitchen")

NUMBERS = {
    **dict(zip(_words("one two three four five six seven eight nine ten eleven twelve"), range(1, 13), strict=True)),
    **dict(zip(_words("fifteen twenty thirty forty fifty sixty"), (15, 20, 30, 40, 50, 60), strict=True)),
}
CITIES = _words("Paris Berlin Madrid Rome Tokyo London Oslo Vienna Lisbon Athens Dublin Prague Boston Cairo Delhi")
ITEMS = _words("milk bread eggs butter cheese rice beans apples coffee tea sugar salt soap fish honey")
WEATHER = _words("sunny rainy cloudy snowy windy cold warm foggy")

REQUESTS = {
    "set_timer": (
        "set a timer for {} minutes please",
        "please set a timer for {} minutes",
        "set a timer for {} minutes",
        "start a timer of {} minutes",
        "set a {} minute timer",
    ),
    "get_weather": (
        "what is the weather in {}",
        "how is the weather in {}",
        "tell me the weather in {}",
        "what is the weather in {} today",
    ),
    "add_to_list": ("add {} to my list", "add {} to the list", "please add {} to my list", "put {} on my list"),
}
PARAMETERS = {"set_timer": ("minutes", "integer"), "get_weather": ("city", "string"), "add_to_list": ("item", "string")}
DESCRIPTIONS = {
    "set_timer": ("Start a timer.", "Set a timer that rings after some minutes."),
    "get_weather": ("Get the weather.", "Tell the weather in a city."),
    "add_to_list": ("Add something to the list.", "Put an item on the shopping list."),
}
