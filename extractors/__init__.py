"""Pure functions from bytes or text to frozen records: feeds, articles, language, dates, places, persons, events, resolution.

Nothing here touches the network, the clock, the environment, or a file outside this folder's own data.
"""
