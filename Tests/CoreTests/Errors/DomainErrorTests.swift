// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct DomainErrorTests {
    @Test func description_isCodeAndDetailWithoutTheCause() {
        let error = DomainError(
            .unavailable,
            "The database does not answer.",
            cause: SystemCallError("connect", code: 111)
        )
        #expect(error.description == "unavailable: The database does not answer.")
    }

    /// Callers compare them: a change here breaks scripts.
    @Test func codes_areTheNamesOfTheContract() {
        #expect(
            ErrorCode.allCases.map(\.rawValue) == [
                "malformed", "oauth_state_invalid", "invalid_redirect", "unauthenticated", "forbidden",
                "grant_exceeds_own", "not_found",
                "method_not_allowed", "not_implemented", "request_timeout", "conflict", "account_link_required",
                "last_admin",
                "stale_version", "payload_too_large", "uri_too_long", "expectation_failed", "unsupported_media_type",
                "validation_failed", "idempotency_mismatch", "rate_limited", "headers_too_large", "internal",
                "upstream", "unavailable",
            ]
        )
    }
}
