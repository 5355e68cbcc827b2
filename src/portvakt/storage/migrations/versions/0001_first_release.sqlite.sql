-- What an empty database of SQLite gets from `portvakt migrate`, in one transaction.
--
-- A table is named after its resource, APPLICATION_MODEL. NAME_folded holds a text as comparisons
-- that ignore case need it, NAME_digest the digest of a long one, TABLE_past all versions of rows.
-- schema_version says which step of the schema's history was taken last.
--
-- Written from the declarations by `portvakt generate first-step`; never changed after its release.

CREATE TABLE common_eventlog (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    event_identifier TEXT NOT NULL,
    created_at TEXT NOT NULL,
    event_context TEXT NOT NULL,
    triggered_by_tenant TEXT,
    triggered_by_sub_tenant TEXT,
    triggered_by_organization_user TEXT,
    triggered_by_integration TEXT,
    organization TEXT,
    custom_id TEXT,
    position INTEGER NOT NULL,
    event_revision INTEGER NOT NULL,
    hash TEXT NOT NULL,
    application_id TEXT,
    about TEXT,
    event_identifier_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_eventlog PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_eventlog_position UNIQUE (customer_id, position),
    CONSTRAINT uq_eventlog_object_id_content_type_event_revision UNIQUE (customer_id, object_id, content_type, event_revision),
    CONSTRAINT ck_eventlog_event_identifier_length CHECK (length(event_identifier) BETWEEN 0 AND 255),
    CONSTRAINT ck_eventlog_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_eventlog_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_eventlog_position_range CHECK (position BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_eventlog_event_revision_range CHECK (event_revision BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_eventlog_hash_length CHECK (length(hash) BETWEEN 64 AND 64)
) STRICT;
CREATE INDEX ix_eventlog_content_type_position ON common_eventlog (customer_id, content_type, position);
CREATE INDEX ix_eventlog_created_at_id ON common_eventlog (customer_id, created_at, id);
CREATE INDEX ix_eventlog_custom_id ON common_eventlog (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_eventlog_custom_id_folded ON common_eventlog (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_eventlog_organization_position ON common_eventlog (customer_id, organization, position) WHERE organization IS NOT NULL;
CREATE INDEX ix_eventlog_triggered_by_integration_position ON common_eventlog (customer_id, triggered_by_integration, position) WHERE triggered_by_integration IS NOT NULL;
CREATE INDEX ix_eventlog_triggered_by_organization_user_position ON common_eventlog (customer_id, triggered_by_organization_user, position) WHERE triggered_by_organization_user IS NOT NULL;
CREATE INDEX ix_eventlog_triggered_by_sub_tenant_position ON common_eventlog (customer_id, triggered_by_sub_tenant, position) WHERE triggered_by_sub_tenant IS NOT NULL;
CREATE INDEX ix_eventlog_triggered_by_tenant_position ON common_eventlog (customer_id, triggered_by_tenant, position) WHERE triggered_by_tenant IS NOT NULL;

CREATE TABLE idempotency_key (
    customer_id TEXT NOT NULL,
    caller TEXT NOT NULL,
    "key" TEXT NOT NULL,
    request TEXT NOT NULL,
    at TEXT NOT NULL,
    done TEXT,
    CONSTRAINT pk_idempotency_key PRIMARY KEY (customer_id, caller, "key")
) STRICT;
CREATE INDEX ix_idempotency_key_at ON idempotency_key (at);

CREATE TABLE integrations_answeredintegrationpersonalinformationaccess_past (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    answer INTEGER NOT NULL,
    answered_by_organization_user TEXT,
    answered_by_tenant TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    integration TEXT NOT NULL,
    custom_id TEXT,
    answered_by_sub_tenant TEXT,
    notice TEXT,
    method TEXT,
    expires_at TEXT,
    on_behalf_of TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    CONSTRAINT pk_answeredintegrationpersonalinformationaccess_version PRIMARY KEY (customer_id, id, revision)
) STRICT;

CREATE TABLE integrations_decision_past (
    customer_id TEXT NOT NULL,
    integration TEXT NOT NULL,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    answer TEXT NOT NULL,
    yes INTEGER,
    revision INTEGER NOT NULL,
    since TEXT NOT NULL,
    expires_at TEXT,
    notice_version INTEGER,
    number INTEGER NOT NULL,
    CONSTRAINT pk_decision_past PRIMARY KEY (customer_id, integration, kind, person, number)
) STRICT;

CREATE TABLE integrations_notice_past (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    integration TEXT,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    material_change INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    language_folded TEXT NOT NULL,
    text_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    CONSTRAINT pk_notice_version PRIMARY KEY (customer_id, id, revision)
) STRICT;

CREATE TABLE ledger_event (
    customer_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    item TEXT NOT NULL,
    revision INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    "transaction" INTEGER,
    at TEXT NOT NULL,
    operation TEXT NOT NULL,
    through TEXT NOT NULL,
    request TEXT NOT NULL,
    caller TEXT NOT NULL,
    holder TEXT,
    activation TEXT,
    service_version TEXT,
    credential TEXT,
    "before" TEXT,
    "after" TEXT,
    CONSTRAINT pk_ledger_event PRIMARY KEY (customer_id, item, content_type, revision)
) STRICT;
CREATE INDEX ix_ledger_event_arrival ON ledger_event (arrival) WHERE "transaction" IS NULL;
CREATE INDEX ix_ledger_event_erased ON ledger_event (customer_id, item) WHERE operation = 'erased';
CREATE INDEX ix_ledger_event_transaction ON ledger_event ("transaction") WHERE "transaction" IS NOT NULL;

CREATE TABLE ledger_head (
    customer_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL,
    "key" TEXT,
    signature TEXT,
    CONSTRAINT pk_ledger_head PRIMARY KEY (customer_id)
) STRICT;

CREATE TABLE ledger_horizon (
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    CONSTRAINT pk_ledger_horizon PRIMARY KEY (name)
) STRICT;

CREATE TABLE ledger_key (
    customer_id TEXT NOT NULL,
    item TEXT NOT NULL,
    secret TEXT NOT NULL,
    CONSTRAINT pk_ledger_key PRIMARY KEY (customer_id, item)
) STRICT;

CREATE TABLE platform_application (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    visibility TEXT NOT NULL,
    created_at TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description_folded TEXT,
    visibility_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_application PRIMARY KEY (id),
    CONSTRAINT uq_application_name UNIQUE (name),
    CONSTRAINT ck_application_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_application_description_length CHECK (length(description) BETWEEN 0 AND 4096),
    CONSTRAINT ck_application_visibility_options CHECK (visibility IN ('draft', 'private', 'public')),
    CONSTRAINT ck_application_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE platform_contenttype (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_contenttype PRIMARY KEY (id),
    CONSTRAINT uq_contenttype_name UNIQUE (name),
    CONSTRAINT ck_contenttype_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_contenttype_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE platform_customer (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_customer PRIMARY KEY (id),
    CONSTRAINT ck_customer_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_customer_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_customer_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE platform_ledgerentry (
    id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    event_identifier TEXT NOT NULL,
    created_at TEXT NOT NULL,
    event_context TEXT NOT NULL,
    triggered_by_operator TEXT,
    position INTEGER NOT NULL,
    event_revision INTEGER NOT NULL,
    hash TEXT NOT NULL,
    event_identifier_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_ledgerentry PRIMARY KEY (id),
    CONSTRAINT uq_ledgerentry_position UNIQUE (position),
    CONSTRAINT uq_ledgerentry_object_id_content_type_event_revision UNIQUE (object_id, content_type, event_revision),
    CONSTRAINT ck_ledgerentry_event_identifier_length CHECK (length(event_identifier) BETWEEN 0 AND 255),
    CONSTRAINT ck_ledgerentry_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_ledgerentry_position_range CHECK (position BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_ledgerentry_event_revision_range CHECK (event_revision BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_ledgerentry_hash_length CHECK (length(hash) BETWEEN 64 AND 64)
) STRICT;

CREATE TABLE platform_loginattempt (
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_failed_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_loginattempt PRIMARY KEY (id),
    CONSTRAINT uq_loginattempt_account UNIQUE (account),
    CONSTRAINT ck_loginattempt_account_length CHECK (length(account) BETWEEN 64 AND 64),
    CONSTRAINT ck_loginattempt_failures_range CHECK (failures BETWEEN 0 AND 2147483647),
    CONSTRAINT ck_loginattempt_last_failed_at_form CHECK (last_failed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_loginattempt_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE platform_operator (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_operator PRIMARY KEY (id),
    CONSTRAINT uq_operator_email UNIQUE (email),
    CONSTRAINT ck_operator_name_length CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT ck_operator_email_length CHECK (length(email) BETWEEN 0 AND 254),
    CONSTRAINT ck_operator_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_operator_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE platform_application_customers (
    item TEXT NOT NULL,
    target TEXT NOT NULL,
    CONSTRAINT pk_application_customers PRIMARY KEY (item, target),
    CONSTRAINT fk_application_customers_item FOREIGN KEY(item) REFERENCES platform_application (id) ON DELETE CASCADE,
    CONSTRAINT fk_application_customers_target FOREIGN KEY(target) REFERENCES platform_customer (id)
) STRICT;
CREATE INDEX ix_application_customers_target ON platform_application_customers (target, item);

CREATE TABLE platform_service (
    id TEXT NOT NULL,
    application TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    level TEXT NOT NULL,
    created_at TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (id),
    CONSTRAINT uq_service_application_name UNIQUE (application, name),
    CONSTRAINT fk_service_application FOREIGN KEY(application) REFERENCES platform_application (id),
    CONSTRAINT fk_service_level FOREIGN KEY(level) REFERENCES platform_contenttype (id),
    CONSTRAINT ck_service_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_service_description_length CHECK (length(description) BETWEEN 0 AND 4096),
    CONSTRAINT ck_service_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE platform_token (
    id TEXT NOT NULL,
    operator TEXT,
    customer TEXT,
    administrator TEXT,
    digest TEXT NOT NULL,
    key_number INTEGER NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    last_used_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_token PRIMARY KEY (id),
    CONSTRAINT uq_token_digest UNIQUE (digest),
    CONSTRAINT fk_token_operator FOREIGN KEY(operator) REFERENCES platform_operator (id),
    CONSTRAINT fk_token_customer FOREIGN KEY(customer) REFERENCES platform_customer (id),
    CONSTRAINT ck_token_digest_length CHECK (length(digest) BETWEEN 64 AND 64),
    CONSTRAINT ck_token_key_number_range CHECK (key_number BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_token_expires_at_form CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_token_revoked_at_form CHECK (revoked_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_token_last_used_at_form CHECK (last_used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_token_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_token_atmostoneof_operator_administrator CHECK (CASE WHEN operator IS NULL THEN 0 ELSE 1 END + CASE WHEN administrator IS NULL THEN 0 ELSE 1 END <= 1),
    CONSTRAINT ck_token_atleastoneof_operator_administrator CHECK (operator IS NOT NULL OR administrator IS NOT NULL),
    CONSTRAINT ck_token_settogether_customer_administrator CHECK (CASE WHEN customer IS NULL THEN 0 ELSE 1 END + CASE WHEN administrator IS NULL THEN 0 ELSE 1 END IN (0, 2))
) STRICT;

CREATE TABLE sales_organization (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    customer_columns TEXT,
    tags TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    name_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_organization PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_organization_name UNIQUE (customer_id, name),
    CONSTRAINT fk_organization_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_organization_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_organization_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organization_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_organization_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_organization_created_at_id ON sales_organization (customer_id, created_at, id);
CREATE INDEX ix_organization_custom_id ON sales_organization (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_organization_custom_id_folded ON sales_organization (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_organization_organization_created_at_id ON sales_organization (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE accounts_integrationuseragent (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    service_version_id TEXT NOT NULL,
    clashing_priority INTEGER NOT NULL,
    category TEXT,
    is_active INTEGER NOT NULL,
    activation_content_type TEXT,
    activation_object_id TEXT,
    activation_variables TEXT,
    integration_activation_data TEXT,
    access_requires_specific_object_connection INTEGER NOT NULL,
    personal_information_acceptance_mode INTEGER,
    subscribes_to_events TEXT NOT NULL,
    allowed_access TEXT NOT NULL,
    requires_sole_category_ownership INTEGER NOT NULL,
    require_personal_information_access INTEGER NOT NULL,
    allow_token_generation_for_tenants INTEGER NOT NULL,
    allow_token_generation_for_sub_tenants INTEGER NOT NULL,
    has_tenant_http_invokable_method INTEGER NOT NULL,
    has_sub_tenant_http_invokable_method INTEGER NOT NULL,
    registered_ip_addresses TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    category_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_integrationuseragent PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_integrationuseragent_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_integrationuseragent_activation_content_type FOREIGN KEY(activation_content_type) REFERENCES platform_contenttype (id),
    CONSTRAINT fk_integrationuseragent_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_integrationuseragent_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_access_requires_specific_objec_97df332b CHECK (access_requires_specific_object_connection IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_personal_information_acceptanc_6c32b638 CHECK (personal_information_acceptance_mode IN (0, 1, 2)),
    CONSTRAINT ck_integrationuseragent_requires_sole_category_ownersh_ec14c382 CHECK (requires_sole_category_ownership IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_require_personal_information_a_1c048dba CHECK (require_personal_information_access IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_allow_token_generation_for_ten_9dff753a CHECK (allow_token_generation_for_tenants IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_allow_token_generation_for_sub_b329a3d4 CHECK (allow_token_generation_for_sub_tenants IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_has_tenant_http_invokable_meth_3566e492 CHECK (has_tenant_http_invokable_method IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_has_sub_tenant_http_invokable__607a3efd CHECK (has_sub_tenant_http_invokable_method IN (0, 1)),
    CONSTRAINT ck_integrationuseragent_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_integrationuseragent_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_integrationuseragent_settogether_activation_content_cf982fe7 CHECK (CASE WHEN activation_content_type IS NULL THEN 0 ELSE 1 END + CASE WHEN activation_object_id IS NULL THEN 0 ELSE 1 END IN (0, 2))
) STRICT;
CREATE INDEX ix_integrationuseragent_activation_content_type_created_at_id ON accounts_integrationuseragent (customer_id, activation_content_type, created_at, id) WHERE activation_content_type IS NOT NULL;
CREATE INDEX ix_integrationuseragent_created_at_id ON accounts_integrationuseragent (customer_id, created_at, id);
CREATE INDEX ix_integrationuseragent_custom_id ON accounts_integrationuseragent (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_integrationuseragent_custom_id_folded ON accounts_integrationuseragent (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_integrationuseragent_organization_created_at_id ON accounts_integrationuseragent (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE common_address (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    street TEXT NOT NULL,
    street_number TEXT,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    care_of TEXT,
    attention TEXT,
    longitude REAL,
    latitude REAL,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    street_folded TEXT NOT NULL,
    street_number_folded TEXT,
    postal_code_folded TEXT NOT NULL,
    city_folded TEXT NOT NULL,
    country_folded TEXT NOT NULL,
    care_of_folded TEXT,
    attention_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_address PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_address_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_address_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_address_street_length CHECK (length(street) BETWEEN 0 AND 255),
    CONSTRAINT ck_address_street_number_length CHECK (length(street_number) BETWEEN 0 AND 255),
    CONSTRAINT ck_address_postal_code_length CHECK (length(postal_code) BETWEEN 0 AND 16),
    CONSTRAINT ck_address_city_length CHECK (length(city) BETWEEN 0 AND 255),
    CONSTRAINT ck_address_country_length CHECK (length(country) BETWEEN 0 AND 255),
    CONSTRAINT ck_address_care_of_length CHECK (length(care_of) BETWEEN 0 AND 255),
    CONSTRAINT ck_address_attention_length CHECK (length(attention) BETWEEN 0 AND 255),
    CONSTRAINT ck_address_longitude_range CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT ck_address_latitude_range CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT ck_address_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_address_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_address_created_at_id ON common_address (customer_id, created_at, id);
CREATE INDEX ix_address_custom_id ON common_address (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_address_custom_id_folded ON common_address (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_address_organization_created_at_id ON common_address (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE integrations_integrationserviceidconnection (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    content_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    organization TEXT,
    custom_id TEXT,
    external_id_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    external_id_digest TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_integrationserviceidconnection PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_integrationserviceidconnection_application_id_conte_8c04eca9 UNIQUE (customer_id, application_id, content_type, object_id, external_id_digest),
    CONSTRAINT fk_integrationserviceidconnection_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_integrationserviceidconnection_content_type FOREIGN KEY(content_type) REFERENCES platform_contenttype (id),
    CONSTRAINT fk_integrationserviceidconnection_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_integrationserviceidconnection_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_integrationserviceidconnection_external_id_length CHECK (length(external_id) BETWEEN 1 AND 1024),
    CONSTRAINT ck_integrationserviceidconnection_hidden_boolean CHECK (hidden IN (0, 1)),
    CONSTRAINT ck_integrationserviceidconnection_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_integrationserviceidconnection_application_id_conte_3faeb34e ON integrations_integrationserviceidconnection (customer_id, application_id, content_type, external_id_digest);
CREATE INDEX ix_integrationserviceidconnection_content_type_created_at_id ON integrations_integrationserviceidconnection (customer_id, content_type, created_at, id);
CREATE INDEX ix_integrationserviceidconnection_created_at_id ON integrations_integrationserviceidconnection (customer_id, created_at, id);
CREATE INDEX ix_integrationserviceidconnection_custom_id ON integrations_integrationserviceidconnection (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_integrationserviceidconnection_custom_id_folded ON integrations_integrationserviceidconnection (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_integrationserviceidconnection_external_id_head ON integrations_integrationserviceidconnection (customer_id, substr(external_id_folded, 1, 64));
CREATE INDEX ix_integrationserviceidconnection_object_id ON integrations_integrationserviceidconnection (customer_id, object_id);
CREATE INDEX ix_integrationserviceidconnection_organization_created_at_id ON integrations_integrationserviceidconnection (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_company (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    has_brf_company INTEGER,
    auto_confirm_bookkeeping_after_days INTEGER,
    bookkeeping_locked_to TEXT,
    bookkeeping_month_start INTEGER,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    name_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_company PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_company_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_company_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_company_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_company_has_brf_company_boolean CHECK (has_brf_company IN (0, 1)),
    CONSTRAINT ck_company_bookkeeping_locked_to_form CHECK (bookkeeping_locked_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_company_bookkeeping_month_start_range CHECK (bookkeeping_month_start BETWEEN 1 AND 12),
    CONSTRAINT ck_company_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_company_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_company_created_at_id ON organization_company (customer_id, created_at, id);
CREATE INDEX ix_company_custom_id ON organization_company (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_company_custom_id_folded ON organization_company (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_company_organization_created_at_id ON organization_company (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_role (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    name_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_role PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_role_name UNIQUE (customer_id, name),
    CONSTRAINT fk_role_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_role_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_role_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_role_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_role_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_role_created_at_id ON organization_role (customer_id, created_at, id);
CREATE INDEX ix_role_custom_id ON organization_role (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_role_custom_id_folded ON organization_role (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_role_organization_created_at_id ON organization_role (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_segment (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    name_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_segment PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_segment_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_segment_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_segment_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_segment_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_segment_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_segment_created_at_id ON organization_segment (customer_id, created_at, id);
CREATE INDEX ix_segment_custom_id ON organization_segment (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_segment_custom_id_folded ON organization_segment (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_segment_organization_created_at_id ON organization_segment (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE platform_serviceversion (
    id TEXT NOT NULL,
    service TEXT NOT NULL,
    number INTEGER NOT NULL,
    description TEXT,
    state TEXT NOT NULL,
    allowed_access TEXT NOT NULL,
    subscribes_to_events TEXT NOT NULL,
    requires_sole_category_ownership INTEGER NOT NULL,
    require_personal_information_access INTEGER NOT NULL,
    allow_token_generation_for_tenants INTEGER NOT NULL,
    allow_token_generation_for_sub_tenants INTEGER NOT NULL,
    has_tenant_http_invokable_method INTEGER NOT NULL,
    has_sub_tenant_http_invokable_method INTEGER NOT NULL,
    registered_ip_addresses TEXT,
    created_at TEXT NOT NULL,
    description_folded TEXT,
    state_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_serviceversion PRIMARY KEY (id),
    CONSTRAINT uq_serviceversion_service_number UNIQUE (service, number),
    CONSTRAINT fk_serviceversion_service FOREIGN KEY(service) REFERENCES platform_service (id),
    CONSTRAINT ck_serviceversion_number_range CHECK (number BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_serviceversion_description_length CHECK (length(description) BETWEEN 0 AND 4096),
    CONSTRAINT ck_serviceversion_state_options CHECK (state IN ('draft', 'published', 'deprecated')),
    CONSTRAINT ck_serviceversion_requires_sole_category_ownership_boolean CHECK (requires_sole_category_ownership IN (0, 1)),
    CONSTRAINT ck_serviceversion_require_personal_information_access_boolean CHECK (require_personal_information_access IN (0, 1)),
    CONSTRAINT ck_serviceversion_allow_token_generation_for_tenants_boolean CHECK (allow_token_generation_for_tenants IN (0, 1)),
    CONSTRAINT ck_serviceversion_allow_token_generation_for_sub_tenan_bac754e0 CHECK (allow_token_generation_for_sub_tenants IN (0, 1)),
    CONSTRAINT ck_serviceversion_has_tenant_http_invokable_method_boolean CHECK (has_tenant_http_invokable_method IN (0, 1)),
    CONSTRAINT ck_serviceversion_has_sub_tenant_http_invokable_method_boolean CHECK (has_sub_tenant_http_invokable_method IN (0, 1)),
    CONSTRAINT ck_serviceversion_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;

CREATE TABLE accounts_organizationuser (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    detail_access INTEGER NOT NULL,
    first_name TEXT,
    last_name TEXT,
    corporate_name TEXT,
    email TEXT,
    phone_number TEXT,
    ssn TEXT,
    org_no TEXT,
    fmi TEXT,
    birth_date TEXT,
    ssn_is_coordination_number INTEGER NOT NULL,
    anonymized INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    prefer_invoice_view_only INTEGER NOT NULL,
    anonymization_name TEXT,
    active_to TEXT,
    role TEXT,
    external_clients TEXT NOT NULL,
    debt_distribution_instruction TEXT,
    reminder_distribution_instruction TEXT,
    invoice_distribution_instruction TEXT,
    send_out_distribution_instruction TEXT,
    profile_picture TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    first_name_folded TEXT,
    last_name_folded TEXT,
    corporate_name_folded TEXT,
    email_folded TEXT,
    phone_number_folded TEXT,
    ssn_folded TEXT,
    org_no_folded TEXT,
    fmi_folded TEXT,
    anonymization_name_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_organizationuser PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_organizationuser_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_organizationuser_role FOREIGN KEY(customer_id, role) REFERENCES organization_role (customer_id, id),
    CONSTRAINT fk_organizationuser_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_organizationuser_detail_access_options CHECK (detail_access IN (0, 1, 2)),
    CONSTRAINT ck_organizationuser_first_name_length CHECK (length(first_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organizationuser_last_name_length CHECK (length(last_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organizationuser_corporate_name_length CHECK (length(corporate_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organizationuser_email_length CHECK (length(email) BETWEEN 0 AND 254),
    CONSTRAINT ck_organizationuser_phone_number_length CHECK (length(phone_number) BETWEEN 0 AND 36),
    CONSTRAINT ck_organizationuser_ssn_length CHECK (length(ssn) BETWEEN 12 AND 13),
    CONSTRAINT ck_organizationuser_org_no_length CHECK (length(org_no) BETWEEN 10 AND 11),
    CONSTRAINT ck_organizationuser_fmi_length CHECK (length(fmi) BETWEEN 17 AND 20),
    CONSTRAINT ck_organizationuser_birth_date_form CHECK (birth_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_organizationuser_ssn_is_coordination_number_boolean CHECK (ssn_is_coordination_number IN (0, 1)),
    CONSTRAINT ck_organizationuser_anonymized_boolean CHECK (anonymized IN (0, 1)),
    CONSTRAINT ck_organizationuser_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_organizationuser_prefer_invoice_view_only_boolean CHECK (prefer_invoice_view_only IN (0, 1)),
    CONSTRAINT ck_organizationuser_anonymization_name_length CHECK (length(anonymization_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organizationuser_active_to_form CHECK (active_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_organizationuser_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_organizationuser_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_organizationuser_atleastoneof_first_name_last_name__3b99832f CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL)
) STRICT;
CREATE INDEX ix_organizationuser_created_at_id ON accounts_organizationuser (customer_id, created_at, id);
CREATE INDEX ix_organizationuser_custom_id ON accounts_organizationuser (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_organizationuser_custom_id_folded ON accounts_organizationuser (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_organizationuser_organization_created_at_id ON accounts_organizationuser (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_organizationuser_role_created_at_id ON accounts_organizationuser (customer_id, role, created_at, id) WHERE role IS NOT NULL;

CREATE TABLE accounts_subtenant (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    allow_errands_access_through_connections INTEGER NOT NULL,
    allow_personal_information_access INTEGER NOT NULL,
    add_connection_description_on_invoice INTEGER NOT NULL,
    allow_notifications INTEGER NOT NULL,
    allow_revenue_row_access INTEGER NOT NULL,
    allow_brf_access INTEGER NOT NULL,
    allow_cancel_contract_access INTEGER NOT NULL,
    allow_errands_access INTEGER NOT NULL,
    allow_contracts_access INTEGER NOT NULL,
    allow_invoice_access INTEGER NOT NULL,
    allow_objects_access INTEGER NOT NULL,
    allow_my_pages_access INTEGER NOT NULL,
    first_name TEXT,
    last_name TEXT,
    corporate_name TEXT,
    org_no TEXT,
    sni_number TEXT,
    gln13_number TEXT,
    fmi TEXT,
    phone_number TEXT,
    peppol_id TEXT,
    invoice_email TEXT,
    previous_address TEXT,
    current_registered_address TEXT,
    future_address TEXT,
    birth_date TEXT,
    is_active INTEGER NOT NULL,
    ssn_is_coordination_number INTEGER NOT NULL,
    autogiro_disables_invoice_distribution INTEGER NOT NULL,
    allows_external_personal_information_sharing INTEGER,
    block_sms_notifications_for TEXT NOT NULL,
    block_notifications_for TEXT NOT NULL,
    profile_picture TEXT,
    status INTEGER NOT NULL,
    mfa_has_hotp INTEGER,
    username TEXT,
    is_company TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    first_name_folded TEXT,
    last_name_folded TEXT,
    corporate_name_folded TEXT,
    org_no_folded TEXT,
    sni_number_folded TEXT,
    gln13_number_folded TEXT,
    fmi_folded TEXT,
    phone_number_folded TEXT,
    peppol_id_folded TEXT,
    invoice_email_folded TEXT,
    username_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_subtenant PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_subtenant_username UNIQUE (customer_id, username),
    CONSTRAINT fk_subtenant_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_subtenant_previous_address FOREIGN KEY(customer_id, previous_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_subtenant_current_registered_address FOREIGN KEY(customer_id, current_registered_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_subtenant_future_address FOREIGN KEY(customer_id, future_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_subtenant_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_subtenant_allow_errands_access_through_connections_boolean CHECK (allow_errands_access_through_connections IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_personal_information_access_boolean CHECK (allow_personal_information_access IN (0, 1)),
    CONSTRAINT ck_subtenant_add_connection_description_on_invoice_boolean CHECK (add_connection_description_on_invoice IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_notifications_boolean CHECK (allow_notifications IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_revenue_row_access_boolean CHECK (allow_revenue_row_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_brf_access_boolean CHECK (allow_brf_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_cancel_contract_access_boolean CHECK (allow_cancel_contract_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_errands_access_boolean CHECK (allow_errands_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_contracts_access_boolean CHECK (allow_contracts_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_invoice_access_boolean CHECK (allow_invoice_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_objects_access_boolean CHECK (allow_objects_access IN (0, 1)),
    CONSTRAINT ck_subtenant_allow_my_pages_access_boolean CHECK (allow_my_pages_access IN (0, 1)),
    CONSTRAINT ck_subtenant_first_name_length CHECK (length(first_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_subtenant_last_name_length CHECK (length(last_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_subtenant_corporate_name_length CHECK (length(corporate_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_subtenant_org_no_length CHECK (length(org_no) BETWEEN 10 AND 11),
    CONSTRAINT ck_subtenant_sni_number_length CHECK (length(sni_number) BETWEEN 0 AND 6),
    CONSTRAINT ck_subtenant_gln13_number_length CHECK (length(gln13_number) BETWEEN 13 AND 14),
    CONSTRAINT ck_subtenant_fmi_length CHECK (length(fmi) BETWEEN 17 AND 20),
    CONSTRAINT ck_subtenant_phone_number_length CHECK (length(phone_number) BETWEEN 0 AND 36),
    CONSTRAINT ck_subtenant_peppol_id_length CHECK (length(peppol_id) BETWEEN 15 AND 18),
    CONSTRAINT ck_subtenant_invoice_email_length CHECK (length(invoice_email) BETWEEN 0 AND 254),
    CONSTRAINT ck_subtenant_birth_date_form CHECK (birth_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_subtenant_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_subtenant_ssn_is_coordination_number_boolean CHECK (ssn_is_coordination_number IN (0, 1)),
    CONSTRAINT ck_subtenant_autogiro_disables_invoice_distribution_boolean CHECK (autogiro_disables_invoice_distribution IN (0, 1)),
    CONSTRAINT ck_subtenant_allows_external_personal_information_shar_40f00902 CHECK (allows_external_personal_information_sharing IN (0, 1)),
    CONSTRAINT ck_subtenant_status_options CHECK (status IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    CONSTRAINT ck_subtenant_mfa_has_hotp_boolean CHECK (mfa_has_hotp IN (0, 1)),
    CONSTRAINT ck_subtenant_username_length CHECK (length(username) BETWEEN 8 AND 150),
    CONSTRAINT ck_subtenant_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_subtenant_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_subtenant_atleastoneof_first_name_last_name_corporate_name CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL),
    CONSTRAINT ck_subtenant_requires_sni_number_corporate_name CHECK (sni_number IS NULL OR (corporate_name IS NOT NULL))
) STRICT;
CREATE INDEX ix_subtenant_created_at_id ON accounts_subtenant (customer_id, created_at, id);
CREATE INDEX ix_subtenant_current_registered_address_created_at_id ON accounts_subtenant (customer_id, current_registered_address, created_at, id) WHERE current_registered_address IS NOT NULL;
CREATE INDEX ix_subtenant_custom_id ON accounts_subtenant (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_subtenant_custom_id_folded ON accounts_subtenant (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_subtenant_future_address_created_at_id ON accounts_subtenant (customer_id, future_address, created_at, id) WHERE future_address IS NOT NULL;
CREATE INDEX ix_subtenant_organization_created_at_id ON accounts_subtenant (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_subtenant_previous_address_created_at_id ON accounts_subtenant (customer_id, previous_address, created_at, id) WHERE previous_address IS NOT NULL;

CREATE TABLE accounts_tenant (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    corporate_name TEXT,
    popular_name TEXT,
    email TEXT,
    phone_number TEXT,
    ssn TEXT,
    org_no TEXT,
    gln13_number TEXT,
    sni_number TEXT,
    birth_date TEXT,
    ssn_is_coordination_number INTEGER NOT NULL,
    anonymized INTEGER NOT NULL,
    anonymization_name TEXT,
    is_active INTEGER NOT NULL,
    active_to TEXT,
    allows_external_personal_information_sharing INTEGER,
    current_registered_address TEXT,
    future_address TEXT,
    invoice_email TEXT,
    autogiro_disables_invoice_distribution INTEGER NOT NULL,
    debt_distribution_instruction TEXT,
    reminder_distribution_instruction TEXT,
    invoice_distribution_instruction TEXT,
    send_out_distribution_instruction TEXT,
    block_notifications_for TEXT NOT NULL,
    block_email_notifications_for TEXT NOT NULL,
    custom_dimension_category_value TEXT,
    profile_picture TEXT,
    username TEXT,
    status INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    first_name_folded TEXT,
    last_name_folded TEXT,
    corporate_name_folded TEXT,
    popular_name_folded TEXT,
    email_folded TEXT,
    phone_number_folded TEXT,
    ssn_folded TEXT,
    org_no_folded TEXT,
    gln13_number_folded TEXT,
    sni_number_folded TEXT,
    anonymization_name_folded TEXT,
    invoice_email_folded TEXT,
    custom_dimension_category_value_folded TEXT,
    username_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_tenant PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_tenant_username UNIQUE (customer_id, username),
    CONSTRAINT fk_tenant_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_tenant_current_registered_address FOREIGN KEY(customer_id, current_registered_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_tenant_future_address FOREIGN KEY(customer_id, future_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_tenant_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_tenant_first_name_length CHECK (length(first_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_last_name_length CHECK (length(last_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_corporate_name_length CHECK (length(corporate_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_popular_name_length CHECK (length(popular_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_email_length CHECK (length(email) BETWEEN 0 AND 254),
    CONSTRAINT ck_tenant_phone_number_length CHECK (length(phone_number) BETWEEN 0 AND 36),
    CONSTRAINT ck_tenant_ssn_length CHECK (length(ssn) BETWEEN 12 AND 13),
    CONSTRAINT ck_tenant_org_no_length CHECK (length(org_no) BETWEEN 10 AND 11),
    CONSTRAINT ck_tenant_gln13_number_length CHECK (length(gln13_number) BETWEEN 13 AND 14),
    CONSTRAINT ck_tenant_sni_number_length CHECK (length(sni_number) BETWEEN 0 AND 6),
    CONSTRAINT ck_tenant_birth_date_form CHECK (birth_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_tenant_ssn_is_coordination_number_boolean CHECK (ssn_is_coordination_number IN (0, 1)),
    CONSTRAINT ck_tenant_anonymized_boolean CHECK (anonymized IN (0, 1)),
    CONSTRAINT ck_tenant_anonymization_name_length CHECK (length(anonymization_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_tenant_active_to_form CHECK (active_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_tenant_allows_external_personal_information_sharing_boolean CHECK (allows_external_personal_information_sharing IN (0, 1)),
    CONSTRAINT ck_tenant_invoice_email_length CHECK (length(invoice_email) BETWEEN 0 AND 254),
    CONSTRAINT ck_tenant_autogiro_disables_invoice_distribution_boolean CHECK (autogiro_disables_invoice_distribution IN (0, 1)),
    CONSTRAINT ck_tenant_custom_dimension_category_value_length CHECK (length(custom_dimension_category_value) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_username_length CHECK (length(username) BETWEEN 8 AND 150),
    CONSTRAINT ck_tenant_status_options CHECK (status IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    CONSTRAINT ck_tenant_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_tenant_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_tenant_atleastoneof_first_name_last_name_corporate_name CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL)
) STRICT;
CREATE INDEX ix_tenant_created_at_id ON accounts_tenant (customer_id, created_at, id);
CREATE INDEX ix_tenant_current_registered_address_created_at_id ON accounts_tenant (customer_id, current_registered_address, created_at, id) WHERE current_registered_address IS NOT NULL;
CREATE INDEX ix_tenant_custom_id ON accounts_tenant (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_tenant_custom_id_folded ON accounts_tenant (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_tenant_future_address_created_at_id ON accounts_tenant (customer_id, future_address, created_at, id) WHERE future_address IS NOT NULL;
CREATE INDEX ix_tenant_organization_created_at_id ON accounts_tenant (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE integrations_notice (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    integration TEXT,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    material_change INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    language_folded TEXT NOT NULL,
    text_folded TEXT NOT NULL,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_notice_integration_version_language UNIQUE (customer_id, integration, version, language),
    CONSTRAINT fk_notice_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_notice_integration FOREIGN KEY(customer_id, integration) REFERENCES accounts_integrationuseragent (customer_id, id),
    CONSTRAINT fk_notice_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_notice_version_range CHECK (version BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_notice_language_length CHECK (length(language) BETWEEN 0 AND 35),
    CONSTRAINT ck_notice_text_length CHECK (length(text) BETWEEN 1 AND 100000),
    CONSTRAINT ck_notice_material_change_boolean CHECK (material_change IN (0, 1)),
    CONSTRAINT ck_notice_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_notice_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_notice_created_at_id ON integrations_notice (customer_id, created_at, id);
CREATE INDEX ix_notice_custom_id ON integrations_notice (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_notice_custom_id_folded ON integrations_notice (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_notice_integration_created_at_id ON integrations_notice (customer_id, integration, created_at, id) WHERE integration IS NOT NULL;
CREATE INDEX ix_notice_organization_created_at_id ON integrations_notice (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE UNIQUE INDEX uq_notice_version_language ON integrations_notice (customer_id, version, language) WHERE integration IS NULL;

CREATE TABLE objects_realestate (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    popular_name TEXT,
    company TEXT,
    community TEXT,
    type_code INTEGER,
    ownership_type INTEGER,
    purchased_date TEXT,
    financial_responsibility_to TEXT,
    sold_date TEXT,
    non_financial_responsibility_to TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    name_folded TEXT NOT NULL,
    popular_name_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_realestate PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_realestate_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_realestate_company FOREIGN KEY(customer_id, company) REFERENCES organization_company (customer_id, id),
    CONSTRAINT fk_realestate_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_realestate_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_realestate_popular_name_length CHECK (length(popular_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_realestate_purchased_date_form CHECK (purchased_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_realestate_financial_responsibility_to_form CHECK (financial_responsibility_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_realestate_sold_date_form CHECK (sold_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_realestate_non_financial_responsibility_to_form CHECK (non_financial_responsibility_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_realestate_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_realestate_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_realestate_properorder_purchased_date_sold_date_non_6085457e CHECK ((purchased_date IS NULL OR sold_date IS NULL OR purchased_date <= sold_date) AND (purchased_date IS NULL OR non_financial_responsibility_to IS NULL OR purchased_date <= non_financial_responsibility_to) AND (sold_date IS NULL OR non_financial_responsibility_to IS NULL OR sold_date <= non_financial_responsibility_to)),
    CONSTRAINT ck_realestate_properorder_purchased_date_financial_res_450214b8 CHECK ((purchased_date IS NULL OR financial_responsibility_to IS NULL OR purchased_date <= financial_responsibility_to) AND (purchased_date IS NULL OR non_financial_responsibility_to IS NULL OR purchased_date <= non_financial_responsibility_to) AND (financial_responsibility_to IS NULL OR non_financial_responsibility_to IS NULL OR financial_responsibility_to <= non_financial_responsibility_to))
) STRICT;
CREATE INDEX ix_realestate_company_created_at_id ON objects_realestate (customer_id, company, created_at, id) WHERE company IS NOT NULL;
CREATE INDEX ix_realestate_created_at_id ON objects_realestate (customer_id, created_at, id);
CREATE INDEX ix_realestate_custom_id ON objects_realestate (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_realestate_custom_id_folded ON objects_realestate (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_realestate_organization_created_at_id ON objects_realestate (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE platform_credential (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    integration TEXT NOT NULL,
    digest TEXT NOT NULL,
    key_number INTEGER NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    last_used_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_credential PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_credential_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_credential_integration FOREIGN KEY(customer_id, integration) REFERENCES accounts_integrationuseragent (customer_id, id),
    CONSTRAINT ck_credential_digest_length CHECK (length(digest) BETWEEN 64 AND 64),
    CONSTRAINT ck_credential_key_number_range CHECK (key_number BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_credential_expires_at_form CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_credential_revoked_at_form CHECK (revoked_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_credential_last_used_at_form CHECK (last_used_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_credential_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;
CREATE INDEX ix_credential_created_at_id ON platform_credential (customer_id, created_at, id);
CREATE INDEX ix_credential_integration_created_at_id ON platform_credential (customer_id, integration, created_at, id);

CREATE TABLE accounts_organizationusersegment (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    segment TEXT NOT NULL,
    "user" TEXT NOT NULL,
    role TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_organizationusersegment PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_organizationusersegment_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_organizationusersegment_segment FOREIGN KEY(customer_id, segment) REFERENCES organization_segment (customer_id, id),
    CONSTRAINT fk_organizationusersegment_user FOREIGN KEY(customer_id, "user") REFERENCES accounts_organizationuser (customer_id, id),
    CONSTRAINT fk_organizationusersegment_role FOREIGN KEY(customer_id, role) REFERENCES organization_role (customer_id, id),
    CONSTRAINT fk_organizationusersegment_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_organizationusersegment_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_organizationusersegment_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_organizationusersegment_created_at_id ON accounts_organizationusersegment (customer_id, created_at, id);
CREATE INDEX ix_organizationusersegment_custom_id ON accounts_organizationusersegment (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_organizationusersegment_custom_id_folded ON accounts_organizationusersegment (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_organizationusersegment_organization_created_at_id ON accounts_organizationusersegment (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_organizationusersegment_role_created_at_id ON accounts_organizationusersegment (customer_id, role, created_at, id) WHERE role IS NOT NULL;
CREATE INDEX ix_organizationusersegment_segment_created_at_id ON accounts_organizationusersegment (customer_id, segment, created_at, id);
CREATE INDEX ix_organizationusersegment_user_created_at_id ON accounts_organizationusersegment (customer_id, "user", created_at, id);

CREATE TABLE accounts_protectedidentity (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    tenant TEXT,
    sub_tenant TEXT,
    first_name TEXT,
    last_name TEXT,
    corporate_name TEXT,
    email TEXT,
    phone_number TEXT,
    ssn TEXT,
    ssn_is_coordination_number INTEGER NOT NULL,
    org_no TEXT,
    birth_date TEXT,
    current_registered_address TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    first_name_folded TEXT,
    last_name_folded TEXT,
    corporate_name_folded TEXT,
    email_folded TEXT,
    phone_number_folded TEXT,
    ssn_folded TEXT,
    org_no_folded TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_protectedidentity PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_protectedidentity_tenant UNIQUE (customer_id, tenant),
    CONSTRAINT uq_protectedidentity_sub_tenant UNIQUE (customer_id, sub_tenant),
    CONSTRAINT fk_protectedidentity_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_protectedidentity_tenant FOREIGN KEY(customer_id, tenant) REFERENCES accounts_tenant (customer_id, id),
    CONSTRAINT fk_protectedidentity_sub_tenant FOREIGN KEY(customer_id, sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_protectedidentity_current_registered_address FOREIGN KEY(customer_id, current_registered_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_protectedidentity_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_protectedidentity_first_name_length CHECK (length(first_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_protectedidentity_last_name_length CHECK (length(last_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_protectedidentity_corporate_name_length CHECK (length(corporate_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_protectedidentity_email_length CHECK (length(email) BETWEEN 0 AND 254),
    CONSTRAINT ck_protectedidentity_phone_number_length CHECK (length(phone_number) BETWEEN 0 AND 36),
    CONSTRAINT ck_protectedidentity_ssn_length CHECK (length(ssn) BETWEEN 12 AND 13),
    CONSTRAINT ck_protectedidentity_ssn_is_coordination_number_boolean CHECK (ssn_is_coordination_number IN (0, 1)),
    CONSTRAINT ck_protectedidentity_org_no_length CHECK (length(org_no) BETWEEN 10 AND 11),
    CONSTRAINT ck_protectedidentity_birth_date_form CHECK (birth_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    CONSTRAINT ck_protectedidentity_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_protectedidentity_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_protectedidentity_atmostoneof_tenant_sub_tenant CHECK (CASE WHEN tenant IS NULL THEN 0 ELSE 1 END + CASE WHEN sub_tenant IS NULL THEN 0 ELSE 1 END <= 1),
    CONSTRAINT ck_protectedidentity_atleastoneof_tenant_sub_tenant CHECK (tenant IS NOT NULL OR sub_tenant IS NOT NULL),
    CONSTRAINT ck_protectedidentity_atleastoneof_first_name_last_name_e85189cb CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL)
) STRICT;
CREATE INDEX ix_protectedidentity_created_at_id ON accounts_protectedidentity (customer_id, created_at, id);
CREATE INDEX ix_protectedidentity_current_registered_address_created_at_id ON accounts_protectedidentity (customer_id, current_registered_address, created_at, id) WHERE current_registered_address IS NOT NULL;
CREATE INDEX ix_protectedidentity_custom_id ON accounts_protectedidentity (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_protectedidentity_custom_id_folded ON accounts_protectedidentity (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_protectedidentity_organization_created_at_id ON accounts_protectedidentity (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_protectedidentity_sub_tenant_created_at_id ON accounts_protectedidentity (customer_id, sub_tenant, created_at, id) WHERE sub_tenant IS NOT NULL;
CREATE INDEX ix_protectedidentity_tenant_created_at_id ON accounts_protectedidentity (customer_id, tenant, created_at, id) WHERE tenant IS NOT NULL;

CREATE TABLE accounts_subtenanttenantconnection (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    sub_tenant TEXT NOT NULL,
    tenant TEXT NOT NULL,
    stakeholder_type INTEGER NOT NULL,
    category INTEGER,
    parent_sub_tenant TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    custom_id TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_subtenanttenantconnection PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_subtenanttenantconnection_sub_tenant FOREIGN KEY(customer_id, sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_tenant FOREIGN KEY(customer_id, tenant) REFERENCES accounts_tenant (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_parent_sub_tenant FOREIGN KEY(customer_id, parent_sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_subtenanttenantconnection_stakeholder_type_options CHECK (stakeholder_type IN (0, 1, 2, 3)),
    CONSTRAINT ck_subtenanttenantconnection_category_options CHECK (category IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    CONSTRAINT ck_subtenanttenantconnection_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_subtenanttenantconnection_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
) STRICT;
CREATE INDEX ix_subtenanttenantconnection_created_at_id ON accounts_subtenanttenantconnection (customer_id, created_at, id);
CREATE INDEX ix_subtenanttenantconnection_custom_id ON accounts_subtenanttenantconnection (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_custom_id_folded ON accounts_subtenanttenantconnection (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_organization_created_at_id ON accounts_subtenanttenantconnection (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_parent_sub_tenant_created_at_id ON accounts_subtenanttenantconnection (customer_id, parent_sub_tenant, created_at, id) WHERE parent_sub_tenant IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_sub_tenant_created_at_id ON accounts_subtenanttenantconnection (customer_id, sub_tenant, created_at, id);
CREATE INDEX ix_subtenanttenantconnection_tenant_created_at_id ON accounts_subtenanttenantconnection (customer_id, tenant, created_at, id);

CREATE TABLE accounts_tenant_realestates (
    customer_id TEXT NOT NULL,
    item TEXT NOT NULL,
    target TEXT NOT NULL,
    CONSTRAINT pk_tenant_realestates PRIMARY KEY (customer_id, item, target),
    CONSTRAINT fk_tenant_realestates_item FOREIGN KEY(customer_id, item) REFERENCES accounts_tenant (customer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_tenant_realestates_target FOREIGN KEY(customer_id, target) REFERENCES objects_realestate (customer_id, id)
) STRICT;
CREATE INDEX ix_tenant_realestates_target ON accounts_tenant_realestates (customer_id, target, item);

CREATE TABLE integrations_answeredintegrationpersonalinformationaccess (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    answer INTEGER NOT NULL,
    answered_by_organization_user TEXT,
    answered_by_tenant TEXT,
    created_at TEXT NOT NULL,
    organization TEXT,
    integration TEXT NOT NULL,
    custom_id TEXT,
    answered_by_sub_tenant TEXT,
    notice TEXT,
    method TEXT,
    expires_at TEXT,
    on_behalf_of TEXT,
    custom_id_folded TEXT,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_answeredintegrationpersonalinformationaccess PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_answer_ec5ed1f1 FOREIGN KEY(customer_id, answered_by_organization_user) REFERENCES accounts_organizationuser (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_answer_526c4bba FOREIGN KEY(customer_id, answered_by_tenant) REFERENCES accounts_tenant (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_integration FOREIGN KEY(customer_id, integration) REFERENCES accounts_integrationuseragent (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_answer_db30b9ac FOREIGN KEY(customer_id, answered_by_sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_notice FOREIGN KEY(customer_id, notice) REFERENCES integrations_notice (customer_id, id),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_answer_boolean CHECK (answer IN (0, 1)),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_custom_43cc668c CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_method_options CHECK (method IN ('portal', 'paper', 'phone', 'import', 'api')),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_expires_at_form CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_on_beh_f50d314a CHECK (length(on_behalf_of) BETWEEN 1 AND 255),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_atmost_f649bfa7 CHECK (CASE WHEN answered_by_tenant IS NULL THEN 0 ELSE 1 END + CASE WHEN answered_by_organization_user IS NULL THEN 0 ELSE 1 END + CASE WHEN answered_by_sub_tenant IS NULL THEN 0 ELSE 1 END <= 1),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_atleas_33b3ef4b CHECK (answered_by_tenant IS NOT NULL OR answered_by_organization_user IS NOT NULL OR answered_by_sub_tenant IS NOT NULL)
) STRICT;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_answer_8833be4a ON integrations_answeredintegrationpersonalinformationaccess (customer_id, answered_by_tenant, created_at, id) WHERE answered_by_tenant IS NOT NULL;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_answer_a24580df ON integrations_answeredintegrationpersonalinformationaccess (customer_id, answered_by_sub_tenant, created_at, id) WHERE answered_by_sub_tenant IS NOT NULL;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_answer_a314af25 ON integrations_answeredintegrationpersonalinformationaccess (customer_id, answered_by_organization_user, created_at, id) WHERE answered_by_organization_user IS NOT NULL;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_created_at_id ON integrations_answeredintegrationpersonalinformationaccess (customer_id, created_at, id);
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_custom_6b892dc5 ON integrations_answeredintegrationpersonalinformationaccess (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_custom_id ON integrations_answeredintegrationpersonalinformationaccess (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_integr_bf3fb0e6 ON integrations_answeredintegrationpersonalinformationaccess (customer_id, integration, created_at, id);
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_notice_a3da13f2 ON integrations_answeredintegrationpersonalinformationaccess (customer_id, notice, created_at, id) WHERE notice IS NOT NULL;
CREATE INDEX ix_answeredintegrationpersonalinformationaccess_organi_251734c6 ON integrations_answeredintegrationpersonalinformationaccess (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_segment_realestates (
    customer_id TEXT NOT NULL,
    item TEXT NOT NULL,
    target TEXT NOT NULL,
    CONSTRAINT pk_segment_realestates PRIMARY KEY (customer_id, item, target),
    CONSTRAINT fk_segment_realestates_item FOREIGN KEY(customer_id, item) REFERENCES organization_segment (customer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_segment_realestates_target FOREIGN KEY(customer_id, target) REFERENCES objects_realestate (customer_id, id)
) STRICT;
CREATE INDEX ix_segment_realestates_target ON organization_segment_realestates (customer_id, target, item);

CREATE TABLE platform_administrator (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_user TEXT NOT NULL,
    email TEXT NOT NULL,
    password TEXT,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_administrator PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_administrator_organization_user UNIQUE (customer_id, organization_user),
    CONSTRAINT uq_administrator_email UNIQUE (customer_id, email),
    CONSTRAINT fk_administrator_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_administrator_organization_user FOREIGN KEY(customer_id, organization_user) REFERENCES accounts_organizationuser (customer_id, id),
    CONSTRAINT ck_administrator_email_length CHECK (length(email) BETWEEN 0 AND 254),
    CONSTRAINT ck_administrator_password_length CHECK (length(password) BETWEEN 0 AND 255),
    CONSTRAINT ck_administrator_is_active_boolean CHECK (is_active IN (0, 1)),
    CONSTRAINT ck_administrator_created_at_form CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;
CREATE INDEX ix_administrator_created_at_id ON platform_administrator (customer_id, created_at, id);
CREATE INDEX ix_administrator_organization_user_created_at_id ON platform_administrator (customer_id, organization_user, created_at, id);

CREATE TABLE integrations_decision (
    customer_id TEXT NOT NULL,
    integration TEXT NOT NULL,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    answer TEXT NOT NULL,
    yes INTEGER,
    revision INTEGER NOT NULL,
    since TEXT NOT NULL,
    expires_at TEXT,
    notice_version INTEGER,
    CONSTRAINT pk_decision PRIMARY KEY (customer_id, integration, kind, person),
    CONSTRAINT fk_decision_answer FOREIGN KEY(customer_id, answer) REFERENCES integrations_answeredintegrationpersonalinformationaccess (customer_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_decision_yes_boolean CHECK (yes IN (0, 1)),
    CONSTRAINT ck_decision_since_form CHECK (since GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
    CONSTRAINT ck_decision_expires_at_form CHECK (expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
) STRICT;
CREATE INDEX ix_decision_answer ON integrations_decision (customer_id, answer);

CREATE TRIGGER ledger_event_update BEFORE UPDATE ON ledger_event BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER ledger_event_delete BEFORE DELETE ON ledger_event BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER common_eventlog_update BEFORE UPDATE ON common_eventlog BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER common_eventlog_delete BEFORE DELETE ON common_eventlog BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER platform_ledgerentry_update BEFORE UPDATE ON platform_ledgerentry BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER platform_ledgerentry_delete BEFORE DELETE ON platform_ledgerentry BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER integrations_decision_past_update BEFORE UPDATE ON integrations_decision_past BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;
CREATE TRIGGER integrations_decision_past_delete BEFORE DELETE ON integrations_decision_past BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END;

CREATE TABLE schema_version (
    step TEXT NOT NULL
) STRICT;
INSERT INTO schema_version (step) VALUES ('0001_first_release');
