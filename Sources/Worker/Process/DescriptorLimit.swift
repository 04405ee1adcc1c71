// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many files and sockets a process may have open.
enum DescriptorLimit {
    /// For the database, the providers, the log, and what the system opens by itself.
    private static let reserve = 128

    /// Takes what the system allows: the usual 1024 is a default from the days of `select`, and every connection is one.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // If it cannot be raised, there is room for fewer connections.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many clients there is room for, when so many descriptors are needed for other things.
    static func connections(besides others: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return max(1, Int(clamping: limit.rlim_cur) - reserve - others)
    }
}
