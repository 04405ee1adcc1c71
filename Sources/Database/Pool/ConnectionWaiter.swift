// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Somebody who waits until the pool has a connection, at most until `deadline`.
struct ConnectionWaiter: Sendable {
    var deadline: MonotonicTime
    let continuation: CheckedContinuation<Bool, Never>
}
