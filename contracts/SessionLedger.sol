// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SessionSignatures} from "./SessionSignatures.sol";
import {Tokens} from "./Tokens.sol";

/// @dev What is stored of sessions, and all that changes it: they are opened, charged, closed and paid out here, and
/// amounts are checked here. Who may ask for that, and whose signatures it takes, {SessionEscrow} says.
abstract contract SessionLedger is SessionSignatures {
    using Tokens for address;

    /// The time that a seller has to bring in what is signed when the buyer asks to close.
    uint256 public constant CLOSING_PERIOD = 1 hours;
    /// A mistyped duration must not lock up a deposit for ever.
    uint256 public constant MAX_DURATION = 365 days;

    mapping(bytes32 sessionId => Session) private _sessions;
    bool private transient _entered;

    /// @notice What could not be delivered when a session was closed, for {withdraw}.
    mapping(address token => mapping(address account => uint256)) public owed;

    modifier nonReentrant() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    function getSession(bytes32 sessionId)
        external
        view
        returns (address buyer, address seller, uint256 totalDeposit, uint256 consumedAmount, uint8 status)
    {
        Session storage s = _known(sessionId);
        return (s.buyer, s.seller, s.totalDeposit, _consumed(s), uint8(_status(s)));
    }

    /// @notice All that is stored of a session.
    function sessionDetails(bytes32 sessionId) external view returns (Session memory session, Status status) {
        Session storage s = _known(sessionId);
        return (s, _status(s));
    }

    function _reserve(SessionTerms memory t, address buyer, bytes32 nonce) internal view returns (bytes32 sessionId) {
        bool sellable = t.seller != address(0) && t.seller != address(this);
        bool priced = t.pricePerUnit > 0 && t.pricePerUnit <= t.totalDeposit && t.totalDeposit <= type(uint96).max;
        if (!sellable || !priced || t.duration == 0 || t.duration > MAX_DURATION) revert BadTerms();
        sessionId = _idOf(buyer, t.token, nonce);
        if (_sessions[sessionId].buyer != address(0)) revert SessionExists(sessionId);
    }

    /// A token that takes a fee delivers less than it says: such a deposit could not be paid out again.
    function _open(bytes32 sessionId, SessionTerms memory t, address buyer, uint256 before) internal {
        uint256 received = t.token.holding() - before;
        if (received != t.totalDeposit) revert WrongAmountReceived(t.totalDeposit, received);
        Session storage s = _sessions[sessionId];
        uint64 expiresAt = uint64(block.timestamp + t.duration);
        (s.buyer, s.totalDeposit) = (buyer, uint96(t.totalDeposit));
        (s.seller, s.pricePerUnit) = (t.seller, uint96(t.pricePerUnit));
        (s.expiresAt, s.closableAt) = (expiresAt, expiresAt);
        s.token = t.token;
        emit SessionCreated(sessionId, buyer, t.seller, t.token, t.totalDeposit, t.pricePerUnit, expiresAt);
    }

    /// Whole units up to an amount that is within what was signed; the same amount again charges nothing.
    /// @param signed the buyer's total, in units
    function _charge(bytes32 sessionId, Session storage s, uint256 amount, uint256 signed, bytes32 nonce) internal {
        (uint256 price, uint256 used) = (s.pricePerUnit, s.unitsUsed);
        uint256 total = amount / price;
        if (total < used || total * price != amount) revert WrongConsumedAmount(used * price);
        if (total > signed) revert ExceedsSigned(signed);
        if (amount > s.totalDeposit) revert ExceedsDeposit(s.totalDeposit / price);
        if (total == used) return;
        s.unitsUsed = uint96(total);
        emit UnitsConsumed(sessionId, nonce, total - used, total, amount);
    }

    function _request(bytes32 sessionId, Session storage s) internal {
        uint256 closableAt = block.timestamp + CLOSING_PERIOD;
        if (s.closeRequested || closableAt >= s.closableAt) return;
        (s.closeRequested, s.closableAt) = (true, uint64(closableAt));
        emit CloseRequested(sessionId, closableAt);
    }

    function _settle(bytes32 sessionId, Session storage s) internal {
        s.closed = true;
        uint256 sellerAmount = _consumed(s);
        uint256 buyerRefund = s.totalDeposit - sellerAmount;
        emit SessionClosed(sessionId, sellerAmount, buyerRefund);
        _deliver(s.token, s.seller, sellerAmount);
        _deliver(s.token, s.buyer, buyerRefund);
    }

    /// A side that the token refuses to pay (a block list, say) must not hold up the other.
    function _deliver(address token, address account, uint256 amount) private {
        if (amount == 0 || token.tryPush(account, amount)) return;
        owed[token][account] += amount;
        emit PaymentDeferred(token, account, amount);
    }

    function _consumed(Session storage s) internal view returns (uint256) {
        return uint256(s.unitsUsed) * s.pricePerUnit;
    }

    function _known(bytes32 sessionId) private view returns (Session storage s) {
        s = _sessions[sessionId];
        if (s.buyer == address(0)) revert UnknownSession(sessionId);
    }

    function _running(bytes32 sessionId) internal view returns (Session storage s) {
        s = _known(sessionId);
        if (s.closed) revert AlreadyClosed(sessionId);
    }

    function _status(Session storage s) private view returns (Status) {
        if (s.closed) return Status.Completed;
        if (block.timestamp >= s.expiresAt) return Status.Expired;
        return s.closeRequested ? Status.Disputed : Status.Active;
    }

    function _idOf(address buyer, address token, bytes32 nonce) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), buyer, token, nonce));
    }
}
