"""The page at `/`: what the emulator knows, to look at.

    view      what is shown, as plain data
    routes    the addresses, and the templates that make HTML of it

`htmx-4.0.1.min.js` is the unchanged file of the npm package htmx.org 4.0.1 (Zero-Clause BSD, see
`htmx-LICENSE`): it asks for the live part of the page again each second and morphs it in.
"""
