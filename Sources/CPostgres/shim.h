/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libpq-fe.h>

/* Swift cannot import macros that are character literals: the fields of PQresultErrorField. */
static const int CPOSTGRES_FIELD_SQLSTATE = PG_DIAG_SQLSTATE;
static const int CPOSTGRES_FIELD_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int CPOSTGRES_FIELD_MESSAGE = PG_DIAG_MESSAGE_PRIMARY;
static const int CPOSTGRES_FIELD_POSITION = PG_DIAG_STATEMENT_POSITION;
static const int CPOSTGRES_FIELD_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME;
static const int CPOSTGRES_FIELD_SOURCE_FUNCTION = PG_DIAG_SOURCE_FUNCTION;
