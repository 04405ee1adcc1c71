// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A body that shows one thing with an address of its own, whose version callers can name.
package protocol ResourceSchema: ResponseSchema {
    /// The last part of the thing's address.
    var resourceID: String { get }

    /// Members that change without anybody changing the thing; its version passes them over.
    static var unversionedProperties: Set<String> { get }
}

extension ResourceSchema {
    package static var unversionedProperties: Set<String> { [] }

    /// What the version of the thing is made from: the object without ``unversionedProperties``.
    package var versionedJSON: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            for property in Self.properties where !Self.unversionedProperties.contains(property.name) {
                json.name(property.name)
                property.write(self, &json)
            }
        }
        return json.bytes
    }
}
