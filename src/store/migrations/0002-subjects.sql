-- Keys of personal values (ledger.md 4, Personal data), and how far erasures have been carried out.
--
-- A subject is the value itself (an address, a user name). What it is filed under is
-- HMAC-SHA-256(secret, value): the value stands nowhere. Once the row is gone, neither the token in
-- the records nor what was filed can be tested against a guess.

create table subject (
    n integer not null,     -- of the entry that first needed it; greatest integer: not committed yet
    lookup blob not null unique check (length(lookup) = 32),
    token blob not null unique check (length(token) = 32),  -- HMAC-SHA-256(key, "attest token")
    key blob not null check (length(key) = 32)
) strict;
create index subject_by_entry on subject (n);

create table subject_secret (
    secret blob not null check (length(secret) = 32)
) strict;

-- Erasures of entries below this number are carried out.
create table erasures_done (
    below integer not null check (below >= 0)
) strict;
insert into erasures_done (below) values (0);
