"""Rows about a record are fixed, save that its words leave once it is destroyed (PL/pgSQL, decision 0047).

Postgres lets the named columns be emptied and nothing else be changed, and that only for a destroyed record.
"""

TAKEN_OUT = "Taken out when the record was destroyed."
OF_REVIEW = "SELECT record_id FROM plans_review WHERE id = NEW.review_id"
OF_FINDING = f"{OF_REVIEW} UNION SELECT NEW.other_id WHERE NEW.open_here"
OF_PIN = (
    "SELECT review.record_id FROM plans_sendback back JOIN plans_review review ON review.id = back.review_id"
    " WHERE back.id = NEW.send_back_id"
)


def leaving(records: str, *, texts: tuple[str, ...] = (), lists: tuple[str, ...] = ()) -> str:
    """This will give the condition under which a change is the leaving of words.

    ``records`` is a query of the record's id; a text becomes empty or ``TAKEN_OUT``, a JSON value no longer.
    """
    columns = ", ".join(f"'{name}'" for name in (*texts, *lists))
    emptied = [f"NEW.\"{name}\" IN (OLD.\"{name}\", '', '{TAKEN_OUT}')" for name in texts]
    emptied += [f"length(NEW.{name}::text) <= length(OLD.{name}::text)" for name in lists]
    return f"""
EXISTS (SELECT 1 FROM custody_responsiverecord WHERE destroyed_at IS NOT NULL AND id IN ({records}))
    AND (to_jsonb(NEW) - ARRAY[{columns}]) = (to_jsonb(OLD) - ARRAY[{columns}])
    AND {" AND ".join(emptied)}"""  # noqa: S608  no input of anybody


def fixed(records: str, *, texts: tuple[str, ...] = (), lists: tuple[str, ...] = ()) -> str:
    """This will give a trigger for a row that is never changed but by the leaving of its words."""
    return f"""
IF {leaving(records, texts=texts, lists=lists)} THEN
    RETURN NEW;
END IF;
RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;
"""


LIKENESS_LEAVES = """
IF EXISTS (SELECT 1 FROM custody_responsiverecord WHERE destroyed_at IS NOT NULL AND id = OLD.record_id) THEN
    RETURN OLD;
END IF;
RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;
"""
