"""What a constraint of one row cannot say of public money, said by the database itself (domain.md §4).

Every refusal is a check_violation that bears the name of what it guards, as those of ordinary constraints do.
"""

from django.db import migrations

GUARDED = ("line", "paidvisit", "unpaidvisit", "reversal", "withholding")
ITEMS = ("paidvisit", "reversal")
SEALED = {"line": "'payee_id_number', 'payee_mobile', 'card'"}

FUNCTIONS = """
CREATE FUNCTION subsidies_refuse(guard text, words text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', words USING ERRCODE = 'check_violation', CONSTRAINT = guard;
END $$;

-- Approved is for good: of a frozen settlement nothing changes but that it has been paid out. What becomes approved
-- has to add up: each line with its items, the lines with the total.
CREATE FUNCTION subsidies_guard_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state IN ('approved', 'closed') THEN
        IF TG_OP = 'UPDATE' AND OLD.state = 'approved' AND NEW.state = 'closed'
           AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
            RETURN NEW;
        END IF;
        PERFORM subsidies_refuse('settlement_stays_frozen', 'a frozen settlement does not change');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state IN ('approved', 'closed') AND (
        EXISTS (
            SELECT FROM subsidies_line l WHERE l.settlement_id = NEW.id AND l.amount <>
                (SELECT coalesce(sum(p.amount), 0) FROM subsidies_paidvisit p WHERE p.line_id = l.id)
              + (SELECT coalesce(sum(r.amount), 0) FROM subsidies_reversal r WHERE r.line_id = l.id)
        )
        OR NEW.total <> (SELECT coalesce(sum(amount), 0) FROM subsidies_line WHERE settlement_id = NEW.id)
        OR NEW.paid_count <> (SELECT count(*) FROM subsidies_paidvisit WHERE settlement_id = NEW.id)
    ) THEN
        PERFORM subsidies_refuse('settlement_adds_up', 'visits, lines and total of a settlement do not agree');
    END IF;
    RETURN NEW;
END $$;

-- The share lock waits for whoever is about to approve: no row slips in between.
CREATE FUNCTION subsidies_insist_open(settlements uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT state FROM subsidies_settlement WHERE id = ANY (settlements) ORDER BY id FOR SHARE LOOP
        IF found.state IN ('approved', 'closed') THEN
            PERFORM subsidies_refuse('settlement_stays_frozen', 'a row of a frozen settlement does not change');
        END IF;
    END LOOP;
END $$;

-- The arguments are encrypted columns, which a change of key may write anew; that they still say the same, the digest
-- of the settlement knows. Without arguments the comparison is null, and nothing passes.
CREATE FUNCTION subsidies_guard_changed_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM subsidies_insist_open(ARRAY[OLD.settlement_id]);
        RETURN OLD;
    END IF;
    IF current_setting('visitcare.rekeying', true) = 'on'
       AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    PERFORM subsidies_insist_open(ARRAY[OLD.settlement_id, NEW.settlement_id]);
    RETURN NEW;
END $$;

CREATE FUNCTION subsidies_guard_new_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM subsidies_insist_open(ARRAY(SELECT DISTINCT settlement_id FROM new_rows));
    RETURN NULL;
END $$;

CREATE FUNCTION subsidies_guard_new_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n JOIN subsidies_line l ON l.id = n.line_id WHERE l.settlement_id <> n.settlement_id
    ) THEN
        PERFORM subsidies_refuse('item_lies_in_its_line', 'an item and its line are of different settlements');
    END IF;
    RETURN NULL;
END $$;

-- Payments and reversals of a visit come to nothing or to what was paid: reversals follow each other without a gap and
-- each is the whole payment, by turns taken back and given again, never in the payment's own settlement.
CREATE FUNCTION subsidies_guard_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid record;
BEGIN
    SELECT amount, settlement_id INTO paid FROM subsidies_paidvisit WHERE visit_id = NEW.paid_visit_id;
    IF NEW.amount <> (CASE WHEN NEW.number % 2 = 1 THEN -paid.amount ELSE paid.amount END)
       OR NEW.settlement_id = paid.settlement_id
       OR NEW.number <> 1 + (
           SELECT count(*) FROM subsidies_reversal WHERE paid_visit_id = NEW.paid_visit_id AND id <> NEW.id
       ) THEN
        PERFORM subsidies_refuse('reversal_answers_its_payment', 'a reversal is the whole payment, once, by turns');
    END IF;
    RETURN NEW;
END $$;

-- For the tests alone, whose flush sets visitcare.flush.
CREATE FUNCTION subsidies_guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('visitcare.flush', true) IS DISTINCT FROM 'on' THEN
        PERFORM subsidies_refuse('never_truncated', 'tables of money are never truncated');
    END IF;
    RETURN NULL;
END $$;
"""


def triggers() -> str:
    made = """
    CREATE TRIGGER guard_settlement BEFORE INSERT OR UPDATE OR DELETE ON subsidies_settlement
        FOR EACH ROW EXECUTE FUNCTION subsidies_guard_settlement();
    CREATE TRIGGER guard_reversal BEFORE INSERT OR UPDATE ON subsidies_reversal
        FOR EACH ROW EXECUTE FUNCTION subsidies_guard_reversal();
    """
    for table in GUARDED:
        made += f"""
    CREATE TRIGGER guard_changed_row BEFORE UPDATE OR DELETE ON subsidies_{table}
        FOR EACH ROW EXECUTE FUNCTION subsidies_guard_changed_row({SEALED.get(table, "")});
    CREATE TRIGGER guard_new_rows AFTER INSERT ON subsidies_{table}
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION subsidies_guard_new_rows();
    """
    for table in ITEMS:
        made += f"""
    CREATE TRIGGER guard_new_items AFTER INSERT ON subsidies_{table}
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION subsidies_guard_new_items();
    """
    for table in ("settlement", *GUARDED):
        made += f"""
    CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON subsidies_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION subsidies_guard_truncate();
    """
    return made


NAMES = (
    "guard_settlement", "guard_changed_row", "guard_new_rows", "guard_new_items", "guard_reversal", "guard_truncate",
)
BACK = "".join(f"DROP FUNCTION subsidies_{name}() CASCADE;" for name in NAMES) + (
    "DROP FUNCTION subsidies_insist_open(uuid[]); DROP FUNCTION subsidies_refuse(text, text);"
)


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0003_fill_town_names'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS + triggers(), BACK),
    ]
