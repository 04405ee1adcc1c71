// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Which requests stand in the log.
///
/// Settings: `POSTERN_ACCESS_LOG`, `POSTERN_SLOW_REQUEST`.
package struct RequestLogConfiguration: Sendable {
    private enum Switch: String, CaseIterable {
        case on, off
    }

    /// Whether there is a line for every request; what changed, failed or was slow is logged in any case.
    package let logsEveryRequest: Bool
    /// From which duration on a request is slow; nil when none is.
    package let slowRequest: Duration?

    /// - Throws: ``ConfigurationError``.
    package init(_ settings: Settings) throws(ConfigurationError) {
        let access: Switch = try settings.choice(SettingKey.accessLog) ?? .on
        let slow =
            try settings.duration(SettingKey.slowRequest, in: .zero...(.seconds(3600))) ?? .seconds(1)
        self.logsEveryRequest = access == .on
        self.slowRequest = slow == .zero ? nil : slow
    }
}
