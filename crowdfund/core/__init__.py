"""The ground: clocks, money, ids, errors, the unit of work, jobs and the audit trail. Knows no domain."""
