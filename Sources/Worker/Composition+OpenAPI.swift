// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import Cryptography
import Logging

extension Composition {
    /// The OpenAPI document, as a server of this release gives it at `/openapi.json`.
    ///
    /// It depends on no setting, and nothing is started for it: the parts only have to exist.
    ///
    /// - Throws: ``CryptoError`` when OpenSSL fails.
    package static func openAPIDocument() throws -> [UInt8] {
        let settings = try Settings(environment: [
            SettingKey.databaseURL: "postgresql://", SettingKey.secret: try MasterSecret.generate(),
        ])
        let logger = Logger(label: "openapi") { _ in SwiftLogNoOpLogHandler() }
        return try Composition(Configuration(settings, cores: 1), logger: logger).services.openAPIDocument
    }
}
