// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a service manager is told, as it reads it (sd_notify(3)).
package enum ServiceMessage: Hashable, Sendable {
    /// The state of the service, and the time of the message.
    case state(ServiceState, at: MonotonicTime)
    /// The supervisor runs, and a worker serves.
    case watchdog

    /// Lines `NAME=value`.
    package var text: String {
        switch self {
        case .state(.ready, _): "READY=1\nSTATUS=Serving"
        // Without the time, systemd could not tell this reload from an earlier one.
        case .state(.reloading, let now):
            "RELOADING=1\nMONOTONIC_USEC=\(now.nanoseconds / 1000)\nSTATUS=Replacing the workers"
        case .state(.stopping, _): "STOPPING=1\nSTATUS=Finishing the requests in progress"
        case .watchdog: "WATCHDOG=1"
        }
    }
}
