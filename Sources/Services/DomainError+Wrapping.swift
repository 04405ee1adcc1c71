// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension DomainError {
    /// `error` itself when it is one, else ``ErrorCode/internal`` with `error` as the cause, for the log.
    init(wrapping error: any Error) {
        self = error as? DomainError ?? DomainError(.internal, "Something went wrong.", cause: error)
    }
}
