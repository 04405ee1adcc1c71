// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension OutboundRequest {
    /// One header of a request.
    ///
    /// The value may be a credential, so it does not print.
    package struct Header: Sendable {
        package let name: String
        package let value: Redacted<String>

        /// Nil when `name` has more than letters and hyphens, or `value` more than visible ASCII and spaces: a
        /// value that comes from another service must not be able to end the line and add headers of its own.
        package init?(_ name: String, _ value: String) {
            guard
                !name.isEmpty, name.utf8.allSatisfy({ ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2D }),
                value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
            else { return nil }
            self.init(trusted: name, value)
        }

        private init(trusted name: String, _ value: String) {
            self.name = name
            self.value = Redacted(value)
        }

        static func contentType(_ type: StaticString) -> Header {
            Header(trusted: "Content-Type", "\(type)")
        }

        /// Asks for JSON.
        package static let acceptJSON = Header(trusted: "Accept", "application/json")
    }
}
