// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a pool has a usable connection, for other threads to read.
final class ConnectionFlag: Sendable {
    private let flag = Atomic(false)

    var isConnected: Bool {
        get { flag.load(ordering: .relaxed) }
        set { flag.store(newValue, ordering: .relaxed) }
    }
}
