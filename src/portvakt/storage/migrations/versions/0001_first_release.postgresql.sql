-- What an empty database of PostgreSQL gets from `portvakt migrate`, in one transaction.
--
-- A table is named after its resource, APPLICATION_MODEL. NAME_folded holds a text as comparisons
-- that ignore case need it, NAME_digest the digest of a long one, TABLE_past all versions of rows.
-- schema_version says which step of the schema's history was taken last.
--
-- Written from the declarations by `portvakt generate first-step`; never changed after its release.

CREATE TABLE common_eventlog (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    object_id UUID NOT NULL,
    content_type UUID NOT NULL,
    event_identifier TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_context JSON NOT NULL,
    triggered_by_tenant UUID,
    triggered_by_sub_tenant UUID,
    triggered_by_organization_user UUID,
    triggered_by_integration UUID,
    organization UUID,
    custom_id TEXT COLLATE "C",
    position INTEGER NOT NULL,
    event_revision INTEGER NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    application_id UUID,
    about UUID,
    event_identifier_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_eventlog PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_eventlog_position UNIQUE (customer_id, position),
    CONSTRAINT uq_eventlog_object_id_content_type_event_revision UNIQUE (customer_id, object_id, content_type, event_revision),
    CONSTRAINT ck_eventlog_event_identifier_length CHECK (length(event_identifier) BETWEEN 0 AND 255),
    CONSTRAINT ck_eventlog_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_eventlog_position_range CHECK (position BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_eventlog_event_revision_range CHECK (event_revision BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_eventlog_hash_length CHECK (length(hash) BETWEEN 64 AND 64)
);
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
    customer_id UUID NOT NULL,
    caller UUID NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    done TEXT COLLATE "C",
    CONSTRAINT pk_idempotency_key PRIMARY KEY (customer_id, caller, "key")
);
CREATE INDEX ix_idempotency_key_at ON idempotency_key (at);

CREATE TABLE integrations_answeredintegrationpersonalinformationaccess_past (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    answer BOOLEAN NOT NULL,
    answered_by_organization_user UUID,
    answered_by_tenant UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    integration UUID NOT NULL,
    custom_id TEXT COLLATE "C",
    answered_by_sub_tenant UUID,
    notice UUID,
    method TEXT COLLATE "C",
    expires_at TIMESTAMP WITH TIME ZONE,
    on_behalf_of TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    CONSTRAINT pk_answeredintegrationpersonalinformationaccess_version PRIMARY KEY (customer_id, id, revision)
);

CREATE TABLE integrations_decision_past (
    customer_id UUID NOT NULL,
    integration UUID NOT NULL,
    kind UUID NOT NULL,
    person UUID NOT NULL,
    answer UUID NOT NULL,
    yes BOOLEAN,
    revision INTEGER NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    notice_version INTEGER,
    number INTEGER NOT NULL,
    CONSTRAINT pk_decision_past PRIMARY KEY (customer_id, integration, kind, person, number)
);

CREATE TABLE integrations_notice_past (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    integration UUID,
    version INTEGER NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    material_change BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    language_folded TEXT COLLATE "C" NOT NULL,
    text_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL,
    CONSTRAINT pk_notice_version PRIMARY KEY (customer_id, id, revision)
);

CREATE TABLE ledger_event (
    customer_id UUID NOT NULL,
    content_type UUID NOT NULL,
    item UUID NOT NULL,
    revision INTEGER NOT NULL,
    arrival BIGINT GENERATED ALWAYS AS IDENTITY,
    "transaction" BIGINT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    through TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    caller TEXT COLLATE "C" NOT NULL,
    holder UUID,
    activation UUID,
    service_version UUID,
    credential UUID,
    "before" TEXT COLLATE "C",
    "after" TEXT COLLATE "C",
    CONSTRAINT pk_ledger_event PRIMARY KEY (customer_id, item, content_type, revision)
);
CREATE INDEX ix_ledger_event_arrival ON ledger_event (arrival) WHERE "transaction" IS NULL;
CREATE INDEX ix_ledger_event_erased ON ledger_event (customer_id, item) WHERE operation = 'erased';
CREATE INDEX ix_ledger_event_transaction ON ledger_event ("transaction") WHERE "transaction" IS NOT NULL;

CREATE TABLE ledger_head (
    customer_id UUID NOT NULL,
    position INTEGER NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    "key" TEXT COLLATE "C",
    signature TEXT COLLATE "C",
    CONSTRAINT pk_ledger_head PRIMARY KEY (customer_id)
);

CREATE TABLE ledger_horizon (
    name TEXT COLLATE "C" NOT NULL,
    value BIGINT NOT NULL,
    CONSTRAINT pk_ledger_horizon PRIMARY KEY (name)
);

CREATE TABLE ledger_key (
    customer_id UUID NOT NULL,
    item UUID NOT NULL,
    secret TEXT COLLATE "C" NOT NULL,
    CONSTRAINT pk_ledger_key PRIMARY KEY (customer_id, item)
);

CREATE TABLE platform_application (
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    description_folded TEXT COLLATE "C",
    visibility_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_application PRIMARY KEY (id),
    CONSTRAINT uq_application_name UNIQUE (name),
    CONSTRAINT ck_application_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_application_description_length CHECK (length(description) BETWEEN 0 AND 4096),
    CONSTRAINT ck_application_visibility_options CHECK (visibility IN ('draft', 'private', 'public'))
);

CREATE TABLE platform_contenttype (
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_contenttype PRIMARY KEY (id),
    CONSTRAINT uq_contenttype_name UNIQUE (name),
    CONSTRAINT ck_contenttype_name_length CHECK (length(name) BETWEEN 0 AND 255)
);

CREATE TABLE platform_customer (
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_customer PRIMARY KEY (id),
    CONSTRAINT ck_customer_name_length CHECK (length(name) BETWEEN 0 AND 255)
);

CREATE TABLE platform_ledgerentry (
    id UUID NOT NULL,
    object_id UUID NOT NULL,
    content_type UUID NOT NULL,
    event_identifier TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_context JSON NOT NULL,
    triggered_by_operator UUID,
    position INTEGER NOT NULL,
    event_revision INTEGER NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    event_identifier_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_ledgerentry PRIMARY KEY (id),
    CONSTRAINT uq_ledgerentry_position UNIQUE (position),
    CONSTRAINT uq_ledgerentry_object_id_content_type_event_revision UNIQUE (object_id, content_type, event_revision),
    CONSTRAINT ck_ledgerentry_event_identifier_length CHECK (length(event_identifier) BETWEEN 0 AND 255),
    CONSTRAINT ck_ledgerentry_position_range CHECK (position BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_ledgerentry_event_revision_range CHECK (event_revision BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_ledgerentry_hash_length CHECK (length(hash) BETWEEN 64 AND 64)
);

CREATE TABLE platform_loginattempt (
    id UUID NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    failures INTEGER NOT NULL,
    last_failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_loginattempt PRIMARY KEY (id),
    CONSTRAINT uq_loginattempt_account UNIQUE (account),
    CONSTRAINT ck_loginattempt_account_length CHECK (length(account) BETWEEN 64 AND 64),
    CONSTRAINT ck_loginattempt_failures_range CHECK (failures BETWEEN 0 AND 2147483647)
);

CREATE TABLE platform_operator (
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_operator PRIMARY KEY (id),
    CONSTRAINT uq_operator_email UNIQUE (email),
    CONSTRAINT ck_operator_name_length CHECK (length(name) BETWEEN 1 AND 255),
    CONSTRAINT ck_operator_email_length CHECK (length(email) BETWEEN 0 AND 254)
);

CREATE TABLE platform_application_customers (
    item UUID NOT NULL,
    target UUID NOT NULL,
    CONSTRAINT pk_application_customers PRIMARY KEY (item, target),
    CONSTRAINT fk_application_customers_item FOREIGN KEY(item) REFERENCES platform_application (id) ON DELETE CASCADE,
    CONSTRAINT fk_application_customers_target FOREIGN KEY(target) REFERENCES platform_customer (id)
);
CREATE INDEX ix_application_customers_target ON platform_application_customers (target, item);

CREATE TABLE platform_service (
    id UUID NOT NULL,
    application UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    level UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    description_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (id),
    CONSTRAINT uq_service_application_name UNIQUE (application, name),
    CONSTRAINT fk_service_application FOREIGN KEY(application) REFERENCES platform_application (id),
    CONSTRAINT fk_service_level FOREIGN KEY(level) REFERENCES platform_contenttype (id),
    CONSTRAINT ck_service_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_service_description_length CHECK (length(description) BETWEEN 0 AND 4096)
);

CREATE TABLE platform_token (
    id UUID NOT NULL,
    operator UUID,
    customer UUID,
    administrator UUID,
    digest TEXT COLLATE "C" NOT NULL,
    key_number INTEGER NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_token PRIMARY KEY (id),
    CONSTRAINT uq_token_digest UNIQUE (digest),
    CONSTRAINT fk_token_operator FOREIGN KEY(operator) REFERENCES platform_operator (id),
    CONSTRAINT fk_token_customer FOREIGN KEY(customer) REFERENCES platform_customer (id),
    CONSTRAINT ck_token_digest_length CHECK (length(digest) BETWEEN 64 AND 64),
    CONSTRAINT ck_token_key_number_range CHECK (key_number BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_token_atmostoneof_operator_administrator CHECK (CASE WHEN operator IS NULL THEN 0 ELSE 1 END + CASE WHEN administrator IS NULL THEN 0 ELSE 1 END <= 1),
    CONSTRAINT ck_token_atleastoneof_operator_administrator CHECK (operator IS NOT NULL OR administrator IS NOT NULL),
    CONSTRAINT ck_token_settogether_customer_administrator CHECK (CASE WHEN customer IS NULL THEN 0 ELSE 1 END + CASE WHEN administrator IS NULL THEN 0 ELSE 1 END IN (0, 2))
);

CREATE TABLE sales_organization (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    customer_columns JSON,
    tags JSON,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    name_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_organization PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_organization_name UNIQUE (customer_id, name),
    CONSTRAINT fk_organization_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_organization_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_organization_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organization_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_organization_created_at_id ON sales_organization (customer_id, created_at, id);
CREATE INDEX ix_organization_custom_id ON sales_organization (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_organization_custom_id_folded ON sales_organization (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_organization_organization_created_at_id ON sales_organization (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE accounts_integrationuseragent (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    application_id UUID NOT NULL,
    service_id UUID NOT NULL,
    service_version_id UUID NOT NULL,
    clashing_priority INTEGER NOT NULL,
    category TEXT COLLATE "C",
    is_active BOOLEAN NOT NULL,
    activation_content_type UUID,
    activation_object_id UUID,
    activation_variables JSON,
    integration_activation_data JSON,
    access_requires_specific_object_connection BOOLEAN NOT NULL,
    personal_information_acceptance_mode INTEGER,
    subscribes_to_events JSON NOT NULL,
    allowed_access JSON NOT NULL,
    requires_sole_category_ownership BOOLEAN NOT NULL,
    require_personal_information_access BOOLEAN NOT NULL,
    allow_token_generation_for_tenants BOOLEAN NOT NULL,
    allow_token_generation_for_sub_tenants BOOLEAN NOT NULL,
    has_tenant_http_invokable_method BOOLEAN NOT NULL,
    has_sub_tenant_http_invokable_method BOOLEAN NOT NULL,
    registered_ip_addresses JSON,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    category_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_integrationuseragent PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_integrationuseragent_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_integrationuseragent_activation_content_type FOREIGN KEY(activation_content_type) REFERENCES platform_contenttype (id),
    CONSTRAINT fk_integrationuseragent_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_integrationuseragent_personal_information_acceptanc_6c32b638 CHECK (personal_information_acceptance_mode IN (0, 1, 2)),
    CONSTRAINT ck_integrationuseragent_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_integrationuseragent_settogether_activation_content_cf982fe7 CHECK (CASE WHEN activation_content_type IS NULL THEN 0 ELSE 1 END + CASE WHEN activation_object_id IS NULL THEN 0 ELSE 1 END IN (0, 2))
);
CREATE INDEX ix_integrationuseragent_activation_content_type_created_at_id ON accounts_integrationuseragent (customer_id, activation_content_type, created_at, id) WHERE activation_content_type IS NOT NULL;
CREATE INDEX ix_integrationuseragent_created_at_id ON accounts_integrationuseragent (customer_id, created_at, id);
CREATE INDEX ix_integrationuseragent_custom_id ON accounts_integrationuseragent (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_integrationuseragent_custom_id_folded ON accounts_integrationuseragent (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_integrationuseragent_organization_created_at_id ON accounts_integrationuseragent (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE common_address (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    street TEXT COLLATE "C" NOT NULL,
    street_number TEXT COLLATE "C",
    postal_code TEXT COLLATE "C" NOT NULL,
    city TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    care_of TEXT COLLATE "C",
    attention TEXT COLLATE "C",
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    street_folded TEXT COLLATE "C" NOT NULL,
    street_number_folded TEXT COLLATE "C",
    postal_code_folded TEXT COLLATE "C" NOT NULL,
    city_folded TEXT COLLATE "C" NOT NULL,
    country_folded TEXT COLLATE "C" NOT NULL,
    care_of_folded TEXT COLLATE "C",
    attention_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    CONSTRAINT ck_address_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_address_created_at_id ON common_address (customer_id, created_at, id);
CREATE INDEX ix_address_custom_id ON common_address (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_address_custom_id_folded ON common_address (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_address_organization_created_at_id ON common_address (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE integrations_integrationserviceidconnection (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    application_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    content_type UUID NOT NULL,
    object_id UUID NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    hidden BOOLEAN NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    external_id_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    external_id_digest UUID NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_integrationserviceidconnection PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_integrationserviceidconnection_application_id_conte_8c04eca9 UNIQUE (customer_id, application_id, content_type, object_id, external_id_digest),
    CONSTRAINT fk_integrationserviceidconnection_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_integrationserviceidconnection_content_type FOREIGN KEY(content_type) REFERENCES platform_contenttype (id),
    CONSTRAINT fk_integrationserviceidconnection_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_integrationserviceidconnection_external_id_length CHECK (length(external_id) BETWEEN 1 AND 1024),
    CONSTRAINT ck_integrationserviceidconnection_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_integrationserviceidconnection_application_id_conte_3faeb34e ON integrations_integrationserviceidconnection (customer_id, application_id, content_type, external_id_digest);
CREATE INDEX ix_integrationserviceidconnection_content_type_created_at_id ON integrations_integrationserviceidconnection (customer_id, content_type, created_at, id);
CREATE INDEX ix_integrationserviceidconnection_created_at_id ON integrations_integrationserviceidconnection (customer_id, created_at, id);
CREATE INDEX ix_integrationserviceidconnection_custom_id ON integrations_integrationserviceidconnection (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_integrationserviceidconnection_custom_id_folded ON integrations_integrationserviceidconnection (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_integrationserviceidconnection_external_id_head ON integrations_integrationserviceidconnection (customer_id, substr(external_id_folded, 1, 64));
CREATE INDEX ix_integrationserviceidconnection_object_id ON integrations_integrationserviceidconnection (customer_id, object_id);
CREATE INDEX ix_integrationserviceidconnection_organization_created_at_id ON integrations_integrationserviceidconnection (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_company (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    has_brf_company BOOLEAN,
    auto_confirm_bookkeeping_after_days INTEGER,
    bookkeeping_locked_to DATE,
    bookkeeping_month_start INTEGER,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    name_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_company PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_company_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_company_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_company_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_company_bookkeeping_month_start_range CHECK (bookkeeping_month_start BETWEEN 1 AND 12),
    CONSTRAINT ck_company_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_company_created_at_id ON organization_company (customer_id, created_at, id);
CREATE INDEX ix_company_custom_id ON organization_company (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_company_custom_id_folded ON organization_company (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_company_organization_created_at_id ON organization_company (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_role (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    name_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_role PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_role_name UNIQUE (customer_id, name),
    CONSTRAINT fk_role_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_role_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_role_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_role_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_role_created_at_id ON organization_role (customer_id, created_at, id);
CREATE INDEX ix_role_custom_id ON organization_role (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_role_custom_id_folded ON organization_role (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_role_organization_created_at_id ON organization_role (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE organization_segment (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    name_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_segment PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_segment_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_segment_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_segment_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_segment_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_segment_created_at_id ON organization_segment (customer_id, created_at, id);
CREATE INDEX ix_segment_custom_id ON organization_segment (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_segment_custom_id_folded ON organization_segment (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_segment_organization_created_at_id ON organization_segment (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE platform_serviceversion (
    id UUID NOT NULL,
    service UUID NOT NULL,
    number INTEGER NOT NULL,
    description TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    allowed_access JSON NOT NULL,
    subscribes_to_events JSON NOT NULL,
    requires_sole_category_ownership BOOLEAN NOT NULL,
    require_personal_information_access BOOLEAN NOT NULL,
    allow_token_generation_for_tenants BOOLEAN NOT NULL,
    allow_token_generation_for_sub_tenants BOOLEAN NOT NULL,
    has_tenant_http_invokable_method BOOLEAN NOT NULL,
    has_sub_tenant_http_invokable_method BOOLEAN NOT NULL,
    registered_ip_addresses JSON,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    description_folded TEXT COLLATE "C",
    state_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_serviceversion PRIMARY KEY (id),
    CONSTRAINT uq_serviceversion_service_number UNIQUE (service, number),
    CONSTRAINT fk_serviceversion_service FOREIGN KEY(service) REFERENCES platform_service (id),
    CONSTRAINT ck_serviceversion_number_range CHECK (number BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_serviceversion_description_length CHECK (length(description) BETWEEN 0 AND 4096),
    CONSTRAINT ck_serviceversion_state_options CHECK (state IN ('draft', 'published', 'deprecated'))
);

CREATE TABLE accounts_organizationuser (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    detail_access INTEGER NOT NULL,
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    corporate_name TEXT COLLATE "C",
    email TEXT COLLATE "C",
    phone_number TEXT COLLATE "C",
    ssn TEXT COLLATE "C",
    org_no TEXT COLLATE "C",
    fmi TEXT COLLATE "C",
    birth_date DATE,
    ssn_is_coordination_number BOOLEAN NOT NULL,
    anonymized BOOLEAN NOT NULL,
    is_active BOOLEAN NOT NULL,
    prefer_invoice_view_only BOOLEAN NOT NULL,
    anonymization_name TEXT COLLATE "C",
    active_to TIMESTAMP WITH TIME ZONE,
    role UUID,
    external_clients JSON NOT NULL,
    debt_distribution_instruction JSON,
    reminder_distribution_instruction JSON,
    invoice_distribution_instruction JSON,
    send_out_distribution_instruction JSON,
    profile_picture JSON,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    first_name_folded TEXT COLLATE "C",
    last_name_folded TEXT COLLATE "C",
    corporate_name_folded TEXT COLLATE "C",
    email_folded TEXT COLLATE "C",
    phone_number_folded TEXT COLLATE "C",
    ssn_folded TEXT COLLATE "C",
    org_no_folded TEXT COLLATE "C",
    fmi_folded TEXT COLLATE "C",
    anonymization_name_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    CONSTRAINT ck_organizationuser_anonymization_name_length CHECK (length(anonymization_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_organizationuser_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_organizationuser_atleastoneof_first_name_last_name__3b99832f CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL)
);
CREATE INDEX ix_organizationuser_created_at_id ON accounts_organizationuser (customer_id, created_at, id);
CREATE INDEX ix_organizationuser_custom_id ON accounts_organizationuser (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_organizationuser_custom_id_folded ON accounts_organizationuser (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_organizationuser_organization_created_at_id ON accounts_organizationuser (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_organizationuser_role_created_at_id ON accounts_organizationuser (customer_id, role, created_at, id) WHERE role IS NOT NULL;

CREATE TABLE accounts_subtenant (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    allow_errands_access_through_connections BOOLEAN NOT NULL,
    allow_personal_information_access BOOLEAN NOT NULL,
    add_connection_description_on_invoice BOOLEAN NOT NULL,
    allow_notifications BOOLEAN NOT NULL,
    allow_revenue_row_access BOOLEAN NOT NULL,
    allow_brf_access BOOLEAN NOT NULL,
    allow_cancel_contract_access BOOLEAN NOT NULL,
    allow_errands_access BOOLEAN NOT NULL,
    allow_contracts_access BOOLEAN NOT NULL,
    allow_invoice_access BOOLEAN NOT NULL,
    allow_objects_access BOOLEAN NOT NULL,
    allow_my_pages_access BOOLEAN NOT NULL,
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    corporate_name TEXT COLLATE "C",
    org_no TEXT COLLATE "C",
    sni_number TEXT COLLATE "C",
    gln13_number TEXT COLLATE "C",
    fmi TEXT COLLATE "C",
    phone_number TEXT COLLATE "C",
    peppol_id TEXT COLLATE "C",
    invoice_email TEXT COLLATE "C",
    previous_address UUID,
    current_registered_address UUID,
    future_address UUID,
    birth_date DATE,
    is_active BOOLEAN NOT NULL,
    ssn_is_coordination_number BOOLEAN NOT NULL,
    autogiro_disables_invoice_distribution BOOLEAN NOT NULL,
    allows_external_personal_information_sharing BOOLEAN,
    block_sms_notifications_for JSON NOT NULL,
    block_notifications_for JSON NOT NULL,
    profile_picture JSON,
    status INTEGER NOT NULL,
    mfa_has_hotp BOOLEAN,
    username TEXT COLLATE "C",
    is_company JSON,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    first_name_folded TEXT COLLATE "C",
    last_name_folded TEXT COLLATE "C",
    corporate_name_folded TEXT COLLATE "C",
    org_no_folded TEXT COLLATE "C",
    sni_number_folded TEXT COLLATE "C",
    gln13_number_folded TEXT COLLATE "C",
    fmi_folded TEXT COLLATE "C",
    phone_number_folded TEXT COLLATE "C",
    peppol_id_folded TEXT COLLATE "C",
    invoice_email_folded TEXT COLLATE "C",
    username_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_subtenant PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_subtenant_username UNIQUE (customer_id, username),
    CONSTRAINT fk_subtenant_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_subtenant_previous_address FOREIGN KEY(customer_id, previous_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_subtenant_current_registered_address FOREIGN KEY(customer_id, current_registered_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_subtenant_future_address FOREIGN KEY(customer_id, future_address) REFERENCES common_address (customer_id, id),
    CONSTRAINT fk_subtenant_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
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
    CONSTRAINT ck_subtenant_status_options CHECK (status IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    CONSTRAINT ck_subtenant_username_length CHECK (length(username) BETWEEN 8 AND 150),
    CONSTRAINT ck_subtenant_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_subtenant_atleastoneof_first_name_last_name_corporate_name CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL),
    CONSTRAINT ck_subtenant_requires_sni_number_corporate_name CHECK (sni_number IS NULL OR (corporate_name IS NOT NULL))
);
CREATE INDEX ix_subtenant_created_at_id ON accounts_subtenant (customer_id, created_at, id);
CREATE INDEX ix_subtenant_current_registered_address_created_at_id ON accounts_subtenant (customer_id, current_registered_address, created_at, id) WHERE current_registered_address IS NOT NULL;
CREATE INDEX ix_subtenant_custom_id ON accounts_subtenant (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_subtenant_custom_id_folded ON accounts_subtenant (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_subtenant_future_address_created_at_id ON accounts_subtenant (customer_id, future_address, created_at, id) WHERE future_address IS NOT NULL;
CREATE INDEX ix_subtenant_organization_created_at_id ON accounts_subtenant (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_subtenant_previous_address_created_at_id ON accounts_subtenant (customer_id, previous_address, created_at, id) WHERE previous_address IS NOT NULL;

CREATE TABLE accounts_tenant (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    corporate_name TEXT COLLATE "C",
    popular_name TEXT COLLATE "C",
    email TEXT COLLATE "C",
    phone_number TEXT COLLATE "C",
    ssn TEXT COLLATE "C",
    org_no TEXT COLLATE "C",
    gln13_number TEXT COLLATE "C",
    sni_number TEXT COLLATE "C",
    birth_date DATE,
    ssn_is_coordination_number BOOLEAN NOT NULL,
    anonymized BOOLEAN NOT NULL,
    anonymization_name TEXT COLLATE "C",
    is_active BOOLEAN NOT NULL,
    active_to TIMESTAMP WITH TIME ZONE,
    allows_external_personal_information_sharing BOOLEAN,
    current_registered_address UUID,
    future_address UUID,
    invoice_email TEXT COLLATE "C",
    autogiro_disables_invoice_distribution BOOLEAN NOT NULL,
    debt_distribution_instruction JSON,
    reminder_distribution_instruction JSON,
    invoice_distribution_instruction JSON,
    send_out_distribution_instruction JSON,
    block_notifications_for JSON NOT NULL,
    block_email_notifications_for JSON NOT NULL,
    custom_dimension_category_value TEXT COLLATE "C",
    profile_picture JSON,
    username TEXT COLLATE "C",
    status INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    first_name_folded TEXT COLLATE "C",
    last_name_folded TEXT COLLATE "C",
    corporate_name_folded TEXT COLLATE "C",
    popular_name_folded TEXT COLLATE "C",
    email_folded TEXT COLLATE "C",
    phone_number_folded TEXT COLLATE "C",
    ssn_folded TEXT COLLATE "C",
    org_no_folded TEXT COLLATE "C",
    gln13_number_folded TEXT COLLATE "C",
    sni_number_folded TEXT COLLATE "C",
    anonymization_name_folded TEXT COLLATE "C",
    invoice_email_folded TEXT COLLATE "C",
    custom_dimension_category_value_folded TEXT COLLATE "C",
    username_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    CONSTRAINT ck_tenant_anonymization_name_length CHECK (length(anonymization_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_invoice_email_length CHECK (length(invoice_email) BETWEEN 0 AND 254),
    CONSTRAINT ck_tenant_custom_dimension_category_value_length CHECK (length(custom_dimension_category_value) BETWEEN 0 AND 255),
    CONSTRAINT ck_tenant_username_length CHECK (length(username) BETWEEN 8 AND 150),
    CONSTRAINT ck_tenant_status_options CHECK (status IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    CONSTRAINT ck_tenant_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_tenant_atleastoneof_first_name_last_name_corporate_name CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL)
);
CREATE INDEX ix_tenant_created_at_id ON accounts_tenant (customer_id, created_at, id);
CREATE INDEX ix_tenant_current_registered_address_created_at_id ON accounts_tenant (customer_id, current_registered_address, created_at, id) WHERE current_registered_address IS NOT NULL;
CREATE INDEX ix_tenant_custom_id ON accounts_tenant (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_tenant_custom_id_folded ON accounts_tenant (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_tenant_future_address_created_at_id ON accounts_tenant (customer_id, future_address, created_at, id) WHERE future_address IS NOT NULL;
CREATE INDEX ix_tenant_organization_created_at_id ON accounts_tenant (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE integrations_notice (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    integration UUID,
    version INTEGER NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    material_change BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    language_folded TEXT COLLATE "C" NOT NULL,
    text_folded TEXT COLLATE "C" NOT NULL,
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_notice PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_notice_integration_version_language UNIQUE (customer_id, integration, version, language),
    CONSTRAINT fk_notice_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_notice_integration FOREIGN KEY(customer_id, integration) REFERENCES accounts_integrationuseragent (customer_id, id),
    CONSTRAINT fk_notice_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_notice_version_range CHECK (version BETWEEN 1 AND 2147483647),
    CONSTRAINT ck_notice_language_length CHECK (length(language) BETWEEN 0 AND 35),
    CONSTRAINT ck_notice_text_length CHECK (length(text) BETWEEN 1 AND 100000),
    CONSTRAINT ck_notice_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_notice_created_at_id ON integrations_notice (customer_id, created_at, id);
CREATE INDEX ix_notice_custom_id ON integrations_notice (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_notice_custom_id_folded ON integrations_notice (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_notice_integration_created_at_id ON integrations_notice (customer_id, integration, created_at, id) WHERE integration IS NOT NULL;
CREATE INDEX ix_notice_organization_created_at_id ON integrations_notice (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE UNIQUE INDEX uq_notice_version_language ON integrations_notice (customer_id, version, language) WHERE integration IS NULL;

CREATE TABLE objects_realestate (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    popular_name TEXT COLLATE "C",
    company UUID,
    community JSON,
    type_code INTEGER,
    ownership_type INTEGER,
    purchased_date DATE,
    financial_responsibility_to DATE,
    sold_date DATE,
    non_financial_responsibility_to DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    name_folded TEXT COLLATE "C" NOT NULL,
    popular_name_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_realestate PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_realestate_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_realestate_company FOREIGN KEY(customer_id, company) REFERENCES organization_company (customer_id, id),
    CONSTRAINT fk_realestate_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_realestate_name_length CHECK (length(name) BETWEEN 0 AND 255),
    CONSTRAINT ck_realestate_popular_name_length CHECK (length(popular_name) BETWEEN 0 AND 255),
    CONSTRAINT ck_realestate_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_realestate_properorder_purchased_date_sold_date_non_6085457e CHECK ((purchased_date IS NULL OR sold_date IS NULL OR purchased_date <= sold_date) AND (purchased_date IS NULL OR non_financial_responsibility_to IS NULL OR purchased_date <= non_financial_responsibility_to) AND (sold_date IS NULL OR non_financial_responsibility_to IS NULL OR sold_date <= non_financial_responsibility_to)),
    CONSTRAINT ck_realestate_properorder_purchased_date_financial_res_450214b8 CHECK ((purchased_date IS NULL OR financial_responsibility_to IS NULL OR purchased_date <= financial_responsibility_to) AND (purchased_date IS NULL OR non_financial_responsibility_to IS NULL OR purchased_date <= non_financial_responsibility_to) AND (financial_responsibility_to IS NULL OR non_financial_responsibility_to IS NULL OR financial_responsibility_to <= non_financial_responsibility_to))
);
CREATE INDEX ix_realestate_company_created_at_id ON objects_realestate (customer_id, company, created_at, id) WHERE company IS NOT NULL;
CREATE INDEX ix_realestate_created_at_id ON objects_realestate (customer_id, created_at, id);
CREATE INDEX ix_realestate_custom_id ON objects_realestate (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_realestate_custom_id_folded ON objects_realestate (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_realestate_organization_created_at_id ON objects_realestate (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;

CREATE TABLE platform_credential (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    integration UUID NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    key_number INTEGER NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_credential PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_credential_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_credential_integration FOREIGN KEY(customer_id, integration) REFERENCES accounts_integrationuseragent (customer_id, id),
    CONSTRAINT ck_credential_digest_length CHECK (length(digest) BETWEEN 64 AND 64),
    CONSTRAINT ck_credential_key_number_range CHECK (key_number BETWEEN 1 AND 2147483647)
);
CREATE INDEX ix_credential_created_at_id ON platform_credential (customer_id, created_at, id);
CREATE INDEX ix_credential_integration_created_at_id ON platform_credential (customer_id, integration, created_at, id);

CREATE TABLE accounts_organizationusersegment (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    segment UUID NOT NULL,
    "user" UUID NOT NULL,
    role UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_organizationusersegment PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_organizationusersegment_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_organizationusersegment_segment FOREIGN KEY(customer_id, segment) REFERENCES organization_segment (customer_id, id),
    CONSTRAINT fk_organizationusersegment_user FOREIGN KEY(customer_id, "user") REFERENCES accounts_organizationuser (customer_id, id),
    CONSTRAINT fk_organizationusersegment_role FOREIGN KEY(customer_id, role) REFERENCES organization_role (customer_id, id),
    CONSTRAINT fk_organizationusersegment_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_organizationusersegment_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_organizationusersegment_created_at_id ON accounts_organizationusersegment (customer_id, created_at, id);
CREATE INDEX ix_organizationusersegment_custom_id ON accounts_organizationusersegment (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_organizationusersegment_custom_id_folded ON accounts_organizationusersegment (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_organizationusersegment_organization_created_at_id ON accounts_organizationusersegment (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_organizationusersegment_role_created_at_id ON accounts_organizationusersegment (customer_id, role, created_at, id) WHERE role IS NOT NULL;
CREATE INDEX ix_organizationusersegment_segment_created_at_id ON accounts_organizationusersegment (customer_id, segment, created_at, id);
CREATE INDEX ix_organizationusersegment_user_created_at_id ON accounts_organizationusersegment (customer_id, "user", created_at, id);

CREATE TABLE accounts_protectedidentity (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    tenant UUID,
    sub_tenant UUID,
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    corporate_name TEXT COLLATE "C",
    email TEXT COLLATE "C",
    phone_number TEXT COLLATE "C",
    ssn TEXT COLLATE "C",
    ssn_is_coordination_number BOOLEAN NOT NULL,
    org_no TEXT COLLATE "C",
    birth_date DATE,
    current_registered_address UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    first_name_folded TEXT COLLATE "C",
    last_name_folded TEXT COLLATE "C",
    corporate_name_folded TEXT COLLATE "C",
    email_folded TEXT COLLATE "C",
    phone_number_folded TEXT COLLATE "C",
    ssn_folded TEXT COLLATE "C",
    org_no_folded TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
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
    CONSTRAINT ck_protectedidentity_org_no_length CHECK (length(org_no) BETWEEN 10 AND 11),
    CONSTRAINT ck_protectedidentity_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_protectedidentity_atmostoneof_tenant_sub_tenant CHECK (CASE WHEN tenant IS NULL THEN 0 ELSE 1 END + CASE WHEN sub_tenant IS NULL THEN 0 ELSE 1 END <= 1),
    CONSTRAINT ck_protectedidentity_atleastoneof_tenant_sub_tenant CHECK (tenant IS NOT NULL OR sub_tenant IS NOT NULL),
    CONSTRAINT ck_protectedidentity_atleastoneof_first_name_last_name_e85189cb CHECK (first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL)
);
CREATE INDEX ix_protectedidentity_created_at_id ON accounts_protectedidentity (customer_id, created_at, id);
CREATE INDEX ix_protectedidentity_current_registered_address_created_at_id ON accounts_protectedidentity (customer_id, current_registered_address, created_at, id) WHERE current_registered_address IS NOT NULL;
CREATE INDEX ix_protectedidentity_custom_id ON accounts_protectedidentity (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_protectedidentity_custom_id_folded ON accounts_protectedidentity (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_protectedidentity_organization_created_at_id ON accounts_protectedidentity (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_protectedidentity_sub_tenant_created_at_id ON accounts_protectedidentity (customer_id, sub_tenant, created_at, id) WHERE sub_tenant IS NOT NULL;
CREATE INDEX ix_protectedidentity_tenant_created_at_id ON accounts_protectedidentity (customer_id, tenant, created_at, id) WHERE tenant IS NOT NULL;

CREATE TABLE accounts_subtenanttenantconnection (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    sub_tenant UUID NOT NULL,
    tenant UUID NOT NULL,
    stakeholder_type INTEGER NOT NULL,
    category INTEGER,
    parent_sub_tenant UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    custom_id TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_subtenanttenantconnection PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_subtenanttenantconnection_sub_tenant FOREIGN KEY(customer_id, sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_tenant FOREIGN KEY(customer_id, tenant) REFERENCES accounts_tenant (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_parent_sub_tenant FOREIGN KEY(customer_id, parent_sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_subtenanttenantconnection_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT ck_subtenanttenantconnection_stakeholder_type_options CHECK (stakeholder_type IN (0, 1, 2, 3)),
    CONSTRAINT ck_subtenanttenantconnection_category_options CHECK (category IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    CONSTRAINT ck_subtenanttenantconnection_custom_id_length CHECK (length(custom_id) BETWEEN 0 AND 128)
);
CREATE INDEX ix_subtenanttenantconnection_created_at_id ON accounts_subtenanttenantconnection (customer_id, created_at, id);
CREATE INDEX ix_subtenanttenantconnection_custom_id ON accounts_subtenanttenantconnection (customer_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_custom_id_folded ON accounts_subtenanttenantconnection (customer_id, custom_id_folded) WHERE custom_id_folded IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_organization_created_at_id ON accounts_subtenanttenantconnection (customer_id, organization, created_at, id) WHERE organization IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_parent_sub_tenant_created_at_id ON accounts_subtenanttenantconnection (customer_id, parent_sub_tenant, created_at, id) WHERE parent_sub_tenant IS NOT NULL;
CREATE INDEX ix_subtenanttenantconnection_sub_tenant_created_at_id ON accounts_subtenanttenantconnection (customer_id, sub_tenant, created_at, id);
CREATE INDEX ix_subtenanttenantconnection_tenant_created_at_id ON accounts_subtenanttenantconnection (customer_id, tenant, created_at, id);

CREATE TABLE accounts_tenant_realestates (
    customer_id UUID NOT NULL,
    item UUID NOT NULL,
    target UUID NOT NULL,
    CONSTRAINT pk_tenant_realestates PRIMARY KEY (customer_id, item, target),
    CONSTRAINT fk_tenant_realestates_item FOREIGN KEY(customer_id, item) REFERENCES accounts_tenant (customer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_tenant_realestates_target FOREIGN KEY(customer_id, target) REFERENCES objects_realestate (customer_id, id)
);
CREATE INDEX ix_tenant_realestates_target ON accounts_tenant_realestates (customer_id, target, item);

CREATE TABLE integrations_answeredintegrationpersonalinformationaccess (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    answer BOOLEAN NOT NULL,
    answered_by_organization_user UUID,
    answered_by_tenant UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organization UUID,
    integration UUID NOT NULL,
    custom_id TEXT COLLATE "C",
    answered_by_sub_tenant UUID,
    notice UUID,
    method TEXT COLLATE "C",
    expires_at TIMESTAMP WITH TIME ZONE,
    on_behalf_of TEXT COLLATE "C",
    custom_id_folded TEXT COLLATE "C",
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_answeredintegrationpersonalinformationaccess PRIMARY KEY (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_answer_ec5ed1f1 FOREIGN KEY(customer_id, answered_by_organization_user) REFERENCES accounts_organizationuser (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_answer_526c4bba FOREIGN KEY(customer_id, answered_by_tenant) REFERENCES accounts_tenant (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_organization FOREIGN KEY(customer_id, organization) REFERENCES sales_organization (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_integration FOREIGN KEY(customer_id, integration) REFERENCES accounts_integrationuseragent (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_answer_db30b9ac FOREIGN KEY(customer_id, answered_by_sub_tenant) REFERENCES accounts_subtenant (customer_id, id),
    CONSTRAINT fk_answeredintegrationpersonalinformationaccess_notice FOREIGN KEY(customer_id, notice) REFERENCES integrations_notice (customer_id, id),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_custom_43cc668c CHECK (length(custom_id) BETWEEN 0 AND 128),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_method_options CHECK (method IN ('portal', 'paper', 'phone', 'import', 'api')),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_on_beh_f50d314a CHECK (length(on_behalf_of) BETWEEN 1 AND 255),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_atmost_f649bfa7 CHECK (CASE WHEN answered_by_tenant IS NULL THEN 0 ELSE 1 END + CASE WHEN answered_by_organization_user IS NULL THEN 0 ELSE 1 END + CASE WHEN answered_by_sub_tenant IS NULL THEN 0 ELSE 1 END <= 1),
    CONSTRAINT ck_answeredintegrationpersonalinformationaccess_atleas_33b3ef4b CHECK (answered_by_tenant IS NOT NULL OR answered_by_organization_user IS NOT NULL OR answered_by_sub_tenant IS NOT NULL)
);
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
    customer_id UUID NOT NULL,
    item UUID NOT NULL,
    target UUID NOT NULL,
    CONSTRAINT pk_segment_realestates PRIMARY KEY (customer_id, item, target),
    CONSTRAINT fk_segment_realestates_item FOREIGN KEY(customer_id, item) REFERENCES organization_segment (customer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_segment_realestates_target FOREIGN KEY(customer_id, target) REFERENCES objects_realestate (customer_id, id)
);
CREATE INDEX ix_segment_realestates_target ON organization_segment_realestates (customer_id, target, item);

CREATE TABLE platform_administrator (
    customer_id UUID NOT NULL,
    id UUID NOT NULL,
    organization_user UUID NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    password TEXT COLLATE "C",
    is_active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_administrator PRIMARY KEY (customer_id, id),
    CONSTRAINT uq_administrator_organization_user UNIQUE (customer_id, organization_user),
    CONSTRAINT uq_administrator_email UNIQUE (customer_id, email),
    CONSTRAINT fk_administrator_customer_id FOREIGN KEY(customer_id) REFERENCES platform_customer (id),
    CONSTRAINT fk_administrator_organization_user FOREIGN KEY(customer_id, organization_user) REFERENCES accounts_organizationuser (customer_id, id),
    CONSTRAINT ck_administrator_email_length CHECK (length(email) BETWEEN 0 AND 254),
    CONSTRAINT ck_administrator_password_length CHECK (length(password) BETWEEN 0 AND 255)
);
CREATE INDEX ix_administrator_created_at_id ON platform_administrator (customer_id, created_at, id);
CREATE INDEX ix_administrator_organization_user_created_at_id ON platform_administrator (customer_id, organization_user, created_at, id);

CREATE TABLE integrations_decision (
    customer_id UUID NOT NULL,
    integration UUID NOT NULL,
    kind UUID NOT NULL,
    person UUID NOT NULL,
    answer UUID NOT NULL,
    yes BOOLEAN,
    revision INTEGER NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    notice_version INTEGER,
    CONSTRAINT pk_decision PRIMARY KEY (customer_id, integration, kind, person),
    CONSTRAINT fk_decision_answer FOREIGN KEY(customer_id, answer) REFERENCES integrations_answeredintegrationpersonalinformationaccess (customer_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_decision_answer ON integrations_decision (customer_id, answer);

CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'The ledger is only ever added to'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_event EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON ledger_event EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON common_eventlog EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON common_eventlog EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON platform_ledgerentry EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON platform_ledgerentry EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON integrations_decision_past EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON integrations_decision_past EXECUTE FUNCTION ledger_refuse();

CREATE TABLE schema_version (
    step TEXT NOT NULL
);
INSERT INTO schema_version (step) VALUES ('0001_first_release');
