"""What may go beside a redacted copy, by the engine's own name for it, and what it is in words."""

TITLES = {
    "captions.vtt": "captions of what can be heard",
    "data-dictionary.csv": "what each column is, and what was done to it",
    "reconciliation.csv": "rows and columns in, out and removed",
    "table.xlsx": "the same table as a workbook",
    "flight-map.png": "the released track as a map",
    "flight-map.svg": "the released track as a map, for print",
}
