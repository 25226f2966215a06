"""Pages for the person who marks them: pictures, words, what would be painted, and the page as it will be.

All of it comes from the page as the engine settles it, so what is seen is what is burned. ``asking`` is for
the portal; ``showing`` and ``reading`` run in a child, where alone the file is opened.
"""
