-- Everything an organisation writes.
--
-- Every row carries n, the index of the ledger entry it belongs to, and is visible to a reader of
-- ledger size s if n < s. Rows with n >= size were staged by a commit that did not happen; opening for
-- writing deletes them. Payloads and salts are the truth; leaf, type, side, actor and at repeat what
-- the ledger says and are compared with it by a check.

create table entry (
    n integer primary key check (n >= 0),
    leaf blob not null unique check (length(leaf) = 32),
    type text not null,
    key text not null,      -- a plain name or id that the layer above finds it by; '' if none
    side text not null,
    actor text not null,    -- plain name
    at text not null,       -- as in the entry
    object text             -- canonical JSON of the layer above: what the ledger does not say in clear
) strict;
create index entry_by_key on entry (type, key, n);
create index entry_by_time on entry (at, n);

-- Versions of resources (also evaluations, conclusions, opinions).
create table resource (
    n integer primary key references entry (n),
    name text not null,     -- plain: control/CM-02
    kind text not null,
    version integer not null check (version > 0),
    payload blob,           -- commitment of the document; null: this version removes
    unique (name, version)
) strict;
create index resource_by_kind on resource (kind, name, version);
create index resource_by_folded_name on resource (name collate nocase);

-- c = SHA-256(salt || bytes).
create table payload (
    c blob not null unique check (length(c) = 32),
    n integer not null references entry (n),
    salt blob not null check (length(salt) = 32),
    size integer not null check (size >= 0),
    bytes blob check (bytes is null or length(bytes) = size) -- null: in the file payload/ab/<hex c>
) strict;
create index payload_by_entry on payload (n);

-- Names that the ledger shows as c/<hex>: one salt a name, so that they stay comparable.
create table name_salt (
    c blob not null unique check (length(c) = 32),
    n integer not null references entry (n),
    salt blob not null check (length(salt) = 32),
    name text not null unique
) strict;
create index name_salt_by_entry on name_salt (n);
