"""The limits that every mail server has, declared like a transport's own fields: drawn, cleaned and documented the same way."""

from transports.fields import Integer

MOST = 1_000_000

LIMITS = (
    Integer("max_per_second", "At most per second", minimum=1, maximum=MOST, advanced=True),
    Integer("max_per_minute", "At most per minute", minimum=1, maximum=MOST, advanced=True),
    Integer("max_per_hour", "At most per hour", minimum=1, maximum=MOST, advanced=True),
    Integer("max_per_day", "At most per day", minimum=1, maximum=100 * MOST, advanced=True),
    Integer(
        "connections",
        "Connections at once",
        minimum=1,
        maximum=50,
        default=4,
        advanced=True,
        help="Most providers allow 5 to 20.",
    ),
)
NAMES = tuple(field.name for field in LIMITS)
