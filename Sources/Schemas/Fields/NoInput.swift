// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Nothing at all: for operations that take neither body nor query.
package struct NoInput: RequestSchema {
    package static let fields: [any FieldDescription] = []

    package init(_: FieldValues) {}
    package init() {}
}
