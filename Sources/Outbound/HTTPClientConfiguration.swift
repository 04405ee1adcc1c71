// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The limits of an ``HTTPClient``.
///
/// Every one has a default that suits identity providers.
package struct HTTPClientConfiguration: Sendable {
    /// Time for name, TCP and TLS.
    package var connectTimeout: Duration = .seconds(3)
    /// Time from the call to the last byte of the answer, waiting for a free connection included.
    package var totalTimeout: Duration = .seconds(10)
    /// Time for which an answer may come slower than 64 bytes a second.
    package var lowSpeedTimeout: Duration = .seconds(5)
    /// Bytes of the status line and the headers of an answer.
    package var headerLimit = 16 * 1024
    /// Requests to one origin at the same time; more wait.
    package var connectionsPerOrigin = 4
    /// Requests that may wait; more fail at once.
    package var waitingLimit = 256
    /// A PEM file of certificate authorities for a private network; nil for the system's alone.
    package var caFile: String?

    package init() {}
}
