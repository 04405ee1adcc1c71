// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Why a request failed whose caller is known.
struct RefusedCall: Error {
    let error: DomainError
    let principal: Principal
}
