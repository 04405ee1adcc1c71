// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How long the audit trail goes back.
///
/// Setting: `POSTERN_AUDIT_RETENTION`.
package struct AuditConfiguration: Sendable {
    /// How long an event is kept at least, and a month longer at most; nil for ever.
    package let retention: Duration?

    /// - Throws: ``ConfigurationError`` for a value out of range.
    package init(_ settings: Settings) throws(ConfigurationError) {
        let retention = try settings.duration(SettingKey.auditRetention, in: .zero ... .seconds(36_600 * 86_400))
        self.retention = retention == .zero ? nil : retention ?? .seconds(400 * 86_400)
    }
}
