from django.db import migrations

from visitcare.kit.triggers import NeverIgnored

# The sums of a settlement's lines in one reading of its items, whatever the database thinks of their number; asked line
# by line they took minutes where it thought of few.
ADDS_UP = """
CREATE OR REPLACE FUNCTION subsidies_guard_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
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
        {lines_do_not_add_up}
        OR NEW.total <> (SELECT coalesce(sum(amount), 0) FROM subsidies_line WHERE settlement_id = NEW.id)
        OR NEW.paid_count <> (SELECT count(*) FROM subsidies_paidvisit WHERE settlement_id = NEW.id)
    ) THEN
        PERFORM subsidies_refuse('settlement_adds_up', 'visits, lines and total of a settlement do not agree');
    END IF;
    RETURN NEW;
END $$;
"""
TOGETHER = """EXISTS (
            SELECT FROM subsidies_line l LEFT JOIN (
                SELECT line_id, sum(amount) AS amount FROM (
                    SELECT line_id, amount FROM subsidies_paidvisit WHERE settlement_id = NEW.id
                    UNION ALL SELECT line_id, amount FROM subsidies_reversal WHERE settlement_id = NEW.id
                ) item GROUP BY line_id
            ) items ON items.line_id = l.id
            WHERE l.settlement_id = NEW.id AND l.amount <> coalesce(items.amount, 0)
        )"""
LINE_BY_LINE = """EXISTS (
            SELECT FROM subsidies_line l WHERE l.settlement_id = NEW.id AND l.amount <>
                (SELECT coalesce(sum(p.amount), 0) FROM subsidies_paidvisit p WHERE p.line_id = l.id)
              + (SELECT coalesce(sum(r.amount), 0) FROM subsidies_reversal r WHERE r.line_id = l.id)
        )"""


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0011_index_history'),
    ]

    operations = [
        migrations.RunSQL(
            ADDS_UP.format(lines_do_not_add_up=TOGETHER), ADDS_UP.format(lines_do_not_add_up=LINE_BY_LINE)
        ),
        NeverIgnored(),
    ]
