// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

extension FieldType<EmailAddress> {
    /// An e-mail address; it is trimmed and put into lower case.
    package static var emailAddress: FieldType {
        let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        return FieldType(
            schema: [
                "type": "string",
                // Not of the format `email`, which refuses dots at the ends of the local part; addresses with them exist.
                "examples": ["ada@example.com"],
                "maxLength": .integer(Int64(EmailAddress.maximumLength)),
                "pattern": .string("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:\(label)\\.)+\(label)$"),
            ]
        ) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard text.utf8.count <= EmailAddress.maximumLength else {
                throw FieldRefusal("too_long", "must have at most \(EmailAddress.maximumLength) characters")
            }
            guard let address = EmailAddress(text) else {
                throw FieldRefusal("invalid", "must be an e-mail address such as ada@example.com")
            }
            return address
        }
    }
}

extension FieldType<RoleName> {
    /// The name of a role; documentation shows `example`.
    package static func roleName(example: String = BuiltIn.Role.user) -> FieldType {
        FieldType(schema: ["type": "string", "examples": [.string(example)], "pattern": .string(RoleName.pattern)]) {
            value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard let name = RoleName(text) else { throw .notAName }
            return name
        }
    }
}

extension FieldType<PermissionName> {
    /// The name of a permission: `resource:action`.
    package static var permissionName: FieldType {
        FieldType(schema: [
            "type": "string", "examples": [.string(BuiltIn.Permission.usersRead)],
            "pattern": .string(PermissionName.pattern),
        ]) {
            value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard let name = PermissionName(text) else {
                throw FieldRefusal("invalid", "must have the form resource:action")
            }
            return name
        }
    }
}

extension FieldType<String> {
    /// The resource or the action in the name of a permission; documentation shows `example`.
    package static func permissionPart(example: String) -> FieldType {
        FieldType(schema: ["type": "string", "examples": [.string(example)], "pattern": "^[a-z][a-z0-9_.-]{0,63}$"]) {
            value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard PermissionName(resource: text, action: text) != nil else { throw .notAName }
            return text
        }
    }
}

extension FieldType {
    /// The id of an `Entity`: a UUID.
    package static func id<Entity>(of _: Entity.Type = Entity.self) -> FieldType where Value == Identifier<Entity> {
        FieldType(schema: ["type": "string", "format": "uuid"]) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard let id = Identifier<Entity>(text) else { throw FieldRefusal("invalid", "must be a UUID") }
            return id
        }
    }
}

extension FieldRefusal {
    fileprivate static var notAName: FieldRefusal {
        FieldRefusal("invalid", "must be 1 to 64 characters of a-z, 0-9, _, - and ., beginning with a letter")
    }
}
