"""Columns of the directory's rows, said once: `p` practice, `d` doctor, `c` clinic, `sv` service."""

PHOTO = "(SELECT ph.key FROM photos ph WHERE ph.user_id = d.user_id AND ph.removed_at IS NULL)"
RATING = "round((d.stars_total::float8 / nullif(d.reviews_count, 0))::numeric, 1)::float8"
"""The average of a doctor's stars with the one decimal that is shown, NULL before the first review."""

PRACTICE_COLUMNS = f"""
    p.id, p.doctor_id, d.user_id AS doctor_user_id, d.name AS doctor_name, d.slug AS doctor_slug,
    d.speciality, d.designation, p.clinic_id, c.name AS clinic_name, c.address AS clinic_address,
    c.city AS clinic_city, c.pincode AS clinic_pincode, c.phone AS clinic_phone,
    c.opening_text AS clinic_opening_text, c.time_zone AS zone,
    coalesce(p.calendar_days, c.calendar_days) AS calendar_days,
    coalesce(p.lead_minutes, c.lead_minutes) AS lead_minutes,
    coalesce(p.walk_in_percent, c.walk_in_percent) AS walk_in_percent,
    p.approves_visits, p.meeting_link, {PHOTO} AS photo_key, d.followers_count, d.reviews_count,
    {RATING} AS rating
"""
PRACTICES = "practices p JOIN doctors d ON d.id = p.doctor_id JOIN clinics c ON c.id = p.clinic_id"
OPEN = "d.approved_at IS NOT NULL AND p.is_active"
WELCOME = "NOT EXISTS (SELECT FROM users b WHERE b.id = d.user_id AND b.blocked_at IS NOT NULL)"
"""Whom an administrator shut out, nobody finds, whatever became of the practices meanwhile."""
FIRST = "ORDER BY p.created_at, p.id LIMIT 1"
"""Pages offer one practice of a doctor: the one that came first."""

SERVICE_COLUMNS = """
    sv.id, sv.practice_id, sv.name, sv.description, sv.category, sv.duration_minutes, sv.fee_paise, sv.mode,
    sv.is_taxable
"""
IN_ORDER = "ORDER BY sv.position, sv.created_at, sv.id"
SERVICES_COLUMN = f"""
    coalesce((
        SELECT json_agg(offered) FROM (
            SELECT {SERVICE_COLUMNS} FROM services sv
            WHERE sv.practice_id = p.id AND sv.retired_at IS NULL {IN_ORDER}) offered), '[]')::text
"""
"""What practice `p` offers, as JSON for `Service.all_of`."""
